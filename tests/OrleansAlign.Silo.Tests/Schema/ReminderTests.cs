using OrleansAlign.Models.Numerics;
using OrleansAlign.Tests;

namespace OrleansAlign.Silo.Tests.Schema;

/// <summary>Orleans' reminder provider over our tables.</summary>
[Collection(nameof(PostgresGroup))]
public sealed class ReminderTests(ProviderSilo silo) : IClassFixture<ProviderSilo>, IAsyncLifetime
{
    private static readonly DateTime Start = new(2026, 1, 2, 3, 4, 5, 678, DateTimeKind.Utc);

    public Task InitializeAsync() => PostgresServer.Missing is null ? silo.Reminders.TestOnlyClearTable() : Task.CompletedTask;

    public Task DisposeAsync() => Task.CompletedTask;

    [PostgresFact]
    public async Task A_reminder_is_read_back_as_it_was_written_and_the_last_write_counts()
    {
        string? first = await silo.Reminders.UpsertRow(Entry("run/a", "wake", TimeSpan.FromMinutes(1)));
        string? second = await silo.Reminders.UpsertRow(Entry("run/a", "wake", TimeSpan.FromDays(400)));

        ReminderEntry read = (await silo.Reminders.ReadRow(Grain("run/a"), "wake"))!;

        Assert.NotEqual(first, second);
        Assert.Equal((Grain("run/a"), "wake", Start, TimeSpan.FromDays(400), second), (read.GrainId, read.ReminderName, read.StartAt, read.Period, read.ETag));
        Assert.Null(await silo.Reminders.ReadRow(Grain("run/a"), "sleep"));
        Assert.Null(await silo.Reminders.ReadRow(Grain("run/b"), "wake"));
    }

    [PostgresFact]
    public async Task A_grain_has_its_own_reminders()
    {
        await silo.Reminders.UpsertRow(Entry("run/a", "one"));
        await silo.Reminders.UpsertRow(Entry("run/a", "two"));
        await silo.Reminders.UpsertRow(Entry("run/b", "one"));

        Assert.Equal(["one", "two"], (await silo.Reminders.ReadRows(Grain("run/a"))).Reminders.Select(r => r.ReminderName).Order());
        Assert.Empty((await silo.Reminders.ReadRows(Grain("run/c"))).Reminders);
    }

    [PostgresFact]
    public async Task A_reminder_is_removed_by_the_version_that_is_there()
    {
        string old = (await silo.Reminders.UpsertRow(Entry("run/a", "wake")))!;
        string now = (await silo.Reminders.UpsertRow(Entry("run/a", "wake")))!;

        Assert.False(await silo.Reminders.RemoveRow(Grain("run/a"), "wake", old));
        Assert.NotNull(await silo.Reminders.ReadRow(Grain("run/a"), "wake"));
        Assert.True(await silo.Reminders.RemoveRow(Grain("run/a"), "wake", now));
        Assert.False(await silo.Reminders.RemoveRow(Grain("run/a"), "wake", now));
        Assert.Null(await silo.Reminders.ReadRow(Grain("run/a"), "wake"));
    }

    [PostgresFact]
    public async Task An_arc_of_the_ring_has_the_reminders_whose_hash_lies_on_it()
    {
        GrainId[] grains = [.. Enumerable.Range(0, 60).Select(i => Grain($"run/{i}"))];
        await Task.WhenAll(grains.Select(g => silo.Reminders.UpsertRow(Entry(g.Key.ToString()!, "wake"))));
        uint[] cuts =
        [
            0, 1, int.MaxValue, 0x80000000, uint.MaxValue, .. grains.Take(6).Select(g => g.GetUniformHashCode()),
            .. Enumerable.Range(0, 6).Select(i => (uint)(CounterRandom.Uniform(7, (ulong)i) * uint.MaxValue)),
        ];

        foreach (uint begin in cuts)
        {
            foreach (uint end in cuts)
            {
                // The hashes form a ring: an arc with equal ends is the whole ring.
                IEnumerable<GrainId> expected = grains.Where(g => begin == end || (uint)(g.GetUniformHashCode() - begin - 1) < (uint)(end - begin));
                IEnumerable<GrainId> read = (await silo.Reminders.ReadRows(begin, end)).Reminders.Select(r => r.GrainId);
                Assert.Equal(expected.Order(), read.Order());
            }
        }
    }

    [PostgresFact]
    public async Task Many_that_write_one_reminder_at_once_all_succeed_with_versions_of_their_own()
    {
        string?[] versions = await Task.WhenAll(Enumerable.Range(1, 12).Select(i => silo.Reminders.UpsertRow(Entry("run/a", "wake", TimeSpan.FromMinutes(i)))));

        Assert.Equal(12, versions.Distinct().Count());
        Assert.Single((await silo.Reminders.ReadRows(Grain("run/a"))).Reminders);
    }

    private static GrainId Grain(string key) => GrainId.Create("run", key);

    private static ReminderEntry Entry(string key, string name, TimeSpan? period = null) =>
        new() { GrainId = Grain(key), ReminderName = name, StartAt = Start, Period = period ?? TimeSpan.FromMinutes(1) };
}

using Orleans.Storage;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Grains.Runs;
using OrleansAlign.Silo.Stores;

namespace OrleansAlign.Silo.Tests.Stores;

/// <summary>Grain state and reminders in a file.</summary>
public sealed class FolderStateTests : IDisposable
{
    private static readonly GrainId Grain = GrainId.Create("run", "run/a"), Other = GrainId.Create("run", "run/b");

    private readonly string folder = Directory.CreateTempSubdirectory("align-state-").FullName;

    private FolderState state;

    public FolderStateTests() => state = Open();

    public void Dispose()
    {
        state.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task What_was_written_is_there_when_the_file_is_opened_again()
    {
        GrainState<RunRecord> written = new GrainState<RunRecord>(new RunRecord { Phase = RunPhase.Failed, Problem = "täglich „x\"", Policy = "ab" });
        await state.WriteStateAsync("run", Grain, written);
        await state.UpsertRow(Entry(Grain, "keep"));
        state.Dispose();
        state = Open();

        GrainState<RunRecord> read = new GrainState<RunRecord>(), none = new GrainState<RunRecord>();
        await state.ReadStateAsync("run", Grain, read);
        await state.ReadStateAsync("run", Other, none);

        Assert.Equal((written.State, written.ETag, true), (read.State, read.ETag, read.RecordExists));
        Assert.Equal((new RunRecord(), null, false), (none.State, none.ETag, none.RecordExists));
        ReminderEntry kept = Assert.Single((await state.ReadRows(0, 0)).Reminders);
        Assert.Equal((Grain, "keep", Start, TimeSpan.FromMinutes(1)), (kept.GrainId, kept.ReminderName, kept.StartAt, kept.Period));
    }

    [Fact]
    public async Task A_write_or_removal_of_what_another_has_written_since_is_refused()
    {
        GrainState<RunRecord> first = new GrainState<RunRecord>(new RunRecord()), stale = new GrainState<RunRecord>(new RunRecord { Policy = "stale" });
        await state.WriteStateAsync("run", Grain, first);

        await Assert.ThrowsAsync<InconsistentStateException>(() => state.WriteStateAsync("run", Grain, stale));
        stale.ETag = first.ETag;
        await state.WriteStateAsync("run", Grain, stale);
        await Assert.ThrowsAsync<InconsistentStateException>(() => state.WriteStateAsync("run", Grain, first));
        await Assert.ThrowsAsync<InconsistentStateException>(() => state.ClearStateAsync("run", Grain, first));
        await state.ClearStateAsync("run", Grain, stale);
        await Assert.ThrowsAsync<InconsistentStateException>(() => state.WriteStateAsync("run", Grain, first));
    }

    [Fact]
    public async Task A_reminder_is_removed_by_the_version_that_is_there()
    {
        string old = (await state.UpsertRow(Entry(Grain, "keep")))!, now = (await state.UpsertRow(Entry(Grain, "keep")))!;

        Assert.False(await state.RemoveRow(Grain, "keep", old));
        Assert.True(await state.RemoveRow(Grain, "keep", now));
        await state.UpsertRow(Entry(Grain, "keep"));
        Assert.False(await state.RemoveRow(Grain, "keep", now));
        Assert.NotNull(await state.ReadRow(Grain, "keep"));
        Assert.Null(await state.ReadRow(Grain, "other"));
        Assert.Empty((await state.ReadRows(Other)).Reminders);
    }

    [Fact]
    public async Task An_arc_of_the_ring_has_the_reminders_whose_hash_lies_on_it()
    {
        GrainId[] grains = [.. Enumerable.Range(0, 20).Select(i => GrainId.Create("run", $"run/{i}"))];
        foreach (GrainId grain in grains) await state.UpsertRow(Entry(grain, "keep"));
        uint[] cuts = [0, 1, int.MaxValue, 0x80000000, uint.MaxValue, .. grains.Take(6).Select(g => g.GetUniformHashCode())];

        foreach ((uint begin, uint end) in cuts.SelectMany(begin => cuts.Select(end => (begin, end))))
        {
            // The hashes form a ring: an arc with equal ends is the whole ring.
            IEnumerable<GrainId> expected = grains.Where(g => begin == end || (uint)(g.GetUniformHashCode() - begin - 1) < (uint)(end - begin));
            Assert.Equal(expected.Order(), (await state.ReadRows(begin, end)).Reminders.Select(r => r.GrainId).Order());
        }
    }

    private static DateTime Start => new(2026, 1, 2, 3, 4, 5, 678, DateTimeKind.Utc);

    private static ReminderEntry Entry(GrainId grain, string name) =>
        new() { GrainId = grain, ReminderName = name, StartAt = Start, Period = TimeSpan.FromMinutes(1) };

    private FolderState Open() => FolderState.Open(Path.Combine(folder, "grains.db"));
}

using Orleans.Storage;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Grains.Runs;
using OrleansAlign.Tests;

namespace OrleansAlign.Silo.Tests.Schema;

/// <summary>Orleans' storage provider over our tables.</summary>
[Collection(nameof(PostgresGroup))]
public sealed class GrainStateTests(ProviderSilo silo) : IClassFixture<ProviderSilo>
{
    private const string Name = "state";

    [PostgresFact]
    public async Task A_state_is_read_back_as_it_was_written()
    {
        GrainId grain = GrainId.Create("run", "run/read");
        GrainState<Wish> written = new(new Wish { Text = "résumé — 再開" });
        await silo.Storage("keeps").WriteStateAsync(Name, grain, written);

        GrainState<Wish> read = await ReadAsync(grain);

        Assert.Equal(("résumé — 再開", written.ETag, true), (read.State!.Text, read.ETag, read.RecordExists));
        Assert.True(written.RecordExists);
    }

    [PostgresFact]
    public async Task The_record_of_a_run_is_read_back_as_it_was_written()
    {
        // The provider's JSON names types; a type that its settings do not allow is read as null or refused.
        GrainId grain = GrainId.Create("run", "run/record");
        GrainState<RunRecord> written = new(new RunRecord { Phase = RunPhase.Failed, Problem = "„x\"", Policy = "ab" }), read = new();
        await silo.Storage("keeps").WriteStateAsync(Name, grain, written);

        await silo.Storage("keeps").ReadStateAsync(Name, grain, read);

        Assert.Equal((written.State, written.ETag), (read.State, read.ETag));
    }

    [PostgresFact]
    public async Task What_was_never_written_is_not_there()
    {
        GrainState<Wish> read = await ReadAsync(GrainId.Create("run", "run/never"));

        Assert.Equal((null, false, ""), (read.ETag, read.RecordExists, read.State!.Text));
    }

    [PostgresFact]
    public async Task A_write_counts_only_for_the_version_that_it_was_made_for()
    {
        GrainId grain = GrainId.Create("run", "run/stale");
        await WriteAsync(grain, new GrainState<Wish>(new Wish { Text = "first" }));
        GrainState<Wish> mine = await ReadAsync(grain), theirs = await ReadAsync(grain);
        theirs.State!.Text = "second";
        await WriteAsync(grain, theirs);

        await Assert.ThrowsAsync<InconsistentStateException>(() => WriteAsync(grain, mine));
        await Assert.ThrowsAsync<InconsistentStateException>(() => WriteAsync(grain, new GrainState<Wish>(new Wish { Text = "as if new" })));
        await Assert.ThrowsAsync<InconsistentStateException>(() => silo.Storage("keeps").ClearStateAsync(Name, grain, mine));

        Assert.Equal("second", (await ReadAsync(grain)).State!.Text);
        mine.ETag = theirs.ETag;
        await WriteAsync(grain, mine);
        Assert.Equal("first", (await ReadAsync(grain)).State!.Text);
    }

    [PostgresFact]
    public async Task Of_many_writes_at_once_one_counts_be_it_the_first_or_a_later_one()
    {
        GrainId grain = GrainId.Create("run", "run/race");
        string? version = null;
        for (int round = 0; round < 5; round++)
        {
            GrainState<Wish>[] states = [.. Enumerable.Range(0, 8).Select(
                i => new GrainState<Wish>(new Wish { Text = $"{round}.{i}" }, version!) { RecordExists = version is not null })];

            bool[] done = await Task.WhenAll(states.Select(state => TryAsync(() => WriteAsync(grain, state))));

            GrainState<Wish> winner = states[Array.IndexOf(done, true)], read = await ReadAsync(grain);
            Assert.Single(done, true);
            Assert.Equal((winner.State!.Text, winner.ETag), (read.State!.Text, read.ETag));
            version = read.ETag;
        }
    }

    [PostgresFact]
    public async Task A_state_that_was_cleared_is_empty_and_can_be_written_again()
    {
        GrainId grain = GrainId.Create("run", "run/clear");
        GrainState<Wish> state = new(new Wish { Text = "first" });
        await WriteAsync(grain, state);
        await silo.Storage("keeps").ClearStateAsync(Name, grain, state);
        Assert.Equal(("", false), (state.State!.Text, state.RecordExists));
        Assert.Equal("", (await ReadAsync(grain)).State!.Text);

        state.State!.Text = "again";
        await WriteAsync(grain, state);

        Assert.Equal("again", (await ReadAsync(grain)).State!.Text);
    }

    [PostgresFact]
    public async Task A_storage_that_deletes_leaves_nothing()
    {
        GrainId grain = GrainId.Create("run", "run/delete");
        IGrainStorage storage = silo.Storage("deletes");
        GrainState<Wish> state = new(new Wish { Text = "first" }), stale = new(new Wish(), "77") { RecordExists = true };
        await storage.WriteStateAsync(Name, grain, state);

        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.ClearStateAsync(Name, grain, stale));
        await storage.ClearStateAsync(Name, grain, state);

        Assert.Equal((null, false), ((await ReadAsync(grain)).ETag, (await ReadAsync(grain)).RecordExists));

        // A version from before the deletion does not bring the state back.
        await Assert.ThrowsAsync<InconsistentStateException>(
            () => storage.WriteStateAsync(Name, grain, new GrainState<Wish>(new Wish(), "1") { RecordExists = true }));
        await storage.WriteStateAsync(Name, grain, new GrainState<Wish>(new Wish { Text = "new" }));
        Assert.Equal("new", (await ReadAsync(grain)).State!.Text);
    }

    [PostgresFact]
    public async Task Keys_of_all_kinds_and_states_of_all_names_are_told_apart()
    {
        Guid guid = new("00112233-4455-6677-8899-aabbccddeeff"), next = new("00112233-4455-6677-8899-aabbccddeefe");
        GrainId[] grains =
        [
            GrainId.Create("run", "run/key"), GrainId.Create("run", "run/key "), GrainId.Create("run", "RUN/key"),
            Grain(GrainIdKeyExtensions.CreateGuidKey(guid)), Grain(GrainIdKeyExtensions.CreateGuidKey(next)),
            Grain(GrainIdKeyExtensions.CreateGuidKey(guid, "more")),
            Grain(GrainIdKeyExtensions.CreateIntegerKey(7)), Grain(GrainIdKeyExtensions.CreateIntegerKey(-7)),
            Grain(GrainIdKeyExtensions.CreateIntegerKey(7, "more")),
        ];
        string[] names = ["state", "other-state"];

        foreach (GrainId grain in grains)
        {
            foreach (string name in names)
            {
                await silo.Storage("keeps").WriteStateAsync(name, grain, new GrainState<Wish>(new Wish { Text = $"{grain} {name}" }));
            }
        }

        foreach (GrainId grain in grains)
        {
            foreach (string name in names)
            {
                GrainState<Wish> read = new(new Wish());
                await silo.Storage("keeps").ReadStateAsync(name, grain, read);
                Assert.Equal($"{grain} {name}", read.State!.Text);
            }
        }

        static GrainId Grain(IdSpan key) => GrainId.Create(GrainType.Create("run"), key);
    }

    private async Task<GrainState<Wish>> ReadAsync(GrainId grain)
    {
        GrainState<Wish> read = new(new Wish());
        await silo.Storage("keeps").ReadStateAsync(Name, grain, read);
        return read;
    }

    private Task WriteAsync(GrainId grain, GrainState<Wish> state) => silo.Storage("keeps").WriteStateAsync(Name, grain, state);

    private static async Task<bool> TryAsync(Func<Task> act)
    {
        try
        {
            await act();
            return true;
        }
        catch (InconsistentStateException)
        {
            return false;
        }
    }

    /// <summary>A state to store.</summary>
    public sealed class Wish
    {
        public string Text { get; set; } = "";
    }
}

using Orleans.Concurrency;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Stages;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Grains.Contracts.Remote;
using OrleansAlign.Grains.Runs;

namespace OrleansAlign.Grains.Play;

/// <summary>Asks for a prompt's candidates and hands them to its bracket as they come. All it knows, the ledger knows.</summary>
[Reentrant]
internal sealed class PromptGrain(IGrainFactory grains, RunContexts runs, SlotDirectory slots, RemoteCalls calls) : Grain, IPromptGrain
{
    /// <summary>Calls that a prompt's candidates are drawn by, where there are enough: the first matches are played while the rest is drawn.</summary>
    private const int Draws = 2;

    /// <summary>How long a bracket is waited for by one call.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly LongWork work = new();

    /// <inheritdoc/>
    public async Task<bool> PlayAsync(RoundRef round, bool begun, TimeSpan wait)
    {
        bool done = await work.ForAsync(() => PlayAsync(round, begun), wait);
        if (done) DeactivateOnIdle();
        return done;
    }

    private async Task PlayAsync(RoundRef round, bool begun)
    {
        RunContext run = await runs.GetAsync(round.Run);
        RoundPlan plan = await run.PlanAsync(round);
        int index = int.Parse(this.GetPrimaryKeyString().AsSpan(this.GetPrimaryKeyString().LastIndexOf('.') + 1));
        IReadOnlyList<CompletionRow> known = [];
        if (begun)
        {
            if ((await run.Ledger.PairSetsAsync(round.Stage, round.Round, index, index + 1)).Count > 0) return;
            known = await run.Ledger.CompletionsAsync(round.Stage, round.Round, index, index + 1);
        }

        IBracketGrain bracket = grains.GetGrain<IBracketGrain>(GrainKeys.Bracket(round.Run, plan.Key(index)));
        int[] missing = [.. Enumerable.Range(0, plan.Options.Candidates).Except(known.Select(c => c.Candidate))];
        int size = Math.Max(1, (missing.Length + Draws - 1) / Draws);
        IReadOnlyList<CompletionRow>[] drawn = await Task.WhenAll(missing.Chunk(size).Select((candidates, part) => DrawAsync(run, round, index, candidates, part, bracket))
            .Append(EnterAsync(round, bracket, known)));

        // A bracket that was lost with its silo is told again who there is.
        CompletionRow[] all = [.. drawn.SelectMany(rows => rows)];
        while (!await calls.RunAsync("bracket.decide", () => bracket.DecideAsync(round, Patience), CancellationToken.None)) await EnterAsync(round, bracket, all);
    }

    private async Task<IReadOnlyList<CompletionRow>> DrawAsync(RunContext run, RoundRef round, int index, int[] candidates, int part, IBracketGrain bracket)
    {
        IReadOnlyList<CompletionRow> drawn = await calls.RunAsync(
            "generator.draw",
            async attempt =>
            {
                DeviceSlot slot = await slots.ChooseAsync($"{round.Run}/{round.Stage}.{round.Round}.{index}/{part}", run.Engine, attempt);

                // A call that is made again is not made on this grain's turn: nothing here may touch the grain itself.
                return await grains.GetGrain<IGeneratorGrain>(slot.Key).DrawAsync(round, index, candidates, again: attempt > 0);
            },
            CancellationToken.None);
        return await EnterAsync(round, bracket, drawn);
    }

    private async Task<IReadOnlyList<CompletionRow>> EnterAsync(RoundRef round, IBracketGrain bracket, IReadOnlyList<CompletionRow> candidates)
    {
        if (candidates.Count > 0) await calls.RunAsync("bracket.enter", () => bracket.EnterAsync(round, candidates), CancellationToken.None);
        return candidates;
    }
}

using Orleans.Concurrency;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Stages;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Grains.Contracts.Remote;
using OrleansAlign.Grains.Runs;

namespace OrleansAlign.Grains.Play;

/// <summary>Has a prompt's candidates drawn and enters each into the prompt's bracket grain as it arrives. All its state can be read from the ledger.</summary>
[Reentrant]
internal sealed class PromptGrain(IGrainFactory grains, RunContexts runs, RemotePorts ports, RemoteCalls calls) : Grain, IPromptGrain
{
    /// <summary>Parts in which a prompt's candidates are drawn: the first matches are played while the rest is drawn.</summary>
    private const int Draws = 2;

    /// <summary>How long one call waits for the bracket grain.</summary>
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
        int index = GrainKeys.IndexOf(this.GetPrimaryKeyString());
        if (begun && (await run.Ledger.PairSetsAsync(round.Stage, round.Round, index, index + 1)).Count > 0) return;

        IBracketGrain bracket = grains.GetGrain<IBracketGrain>(GrainKeys.Bracket(round.Run, plan.Key(index)));
        int size = (plan.Candidates + Draws - 1) / Draws;
        IReadOnlyList<CompletionRow>[] parts = await Task.WhenAll(Enumerable.Range(0, plan.Candidates).Chunk(size).Select(DrawAsync));

        // A bracket grain that is not done may have lost its state with its silo: the candidates are entered again.
        CompletionRow[] all = [.. parts.SelectMany(rows => rows)];
        while (!await calls.RunAsync("bracket.decide", () => bracket.DecideAsync(round, Patience), CancellationToken.None)) await EnterAsync(all);

        async Task<IReadOnlyList<CompletionRow>> DrawAsync(int[] candidates)
        {
            CandidatePlace[] places = [.. candidates.Select(candidate => new CandidatePlace(index, candidate))];
            IReadOnlyList<CompletionRow> drawn = await RoundCandidates.EnsureAsync(
                plan, places, isNew: !begun, ports.Generator(run.Engine), run.Ledger, CancellationToken.None);
            await EnterAsync(drawn);
            return drawn;
        }

        Task EnterAsync(IReadOnlyList<CompletionRow> candidates) =>
            calls.RunAsync("bracket.enter", () => bracket.EnterAsync(round, candidates), CancellationToken.None);
    }
}

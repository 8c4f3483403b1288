using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ledger;

namespace OrleansAlign.Grains.Contracts.Remote;

/// <summary>A run's ledger as a client reads it: through a grain, in pieces of a few MiB at most.</summary>
/// <param name="grains">The cluster's grains.</param>
/// <param name="calls">Makes the calls.</param>
/// <param name="run">The run.</param>
public sealed class RemoteLedger(IGrainFactory grains, RemoteCalls calls, string run) : ILedgerReader
{
    /// <summary>Prompts whose rows come in one reply; each may have thousands of tokens.</summary>
    public const int PromptsAtOnce = 32;

    /// <summary>Keys that one call asks for.</summary>
    public const int KeysAtOnce = 1024;

    private readonly ILedgerGrain ledger = grains.GetGrain<ILedgerGrain>(GrainKeys.Ledger(run));

    /// <inheritdoc/>
    public Task<RunRow?> RunAsync(CancellationToken cancel = default) => calls.RunAsync("ledger.run", ledger.RunAsync, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<CompletionRow>> CompletionsAsync(int stage, int round, int from, int to, CancellationToken cancel = default) =>
        PagesAsync("ledger.completions", from, to, (first, last) => ledger.CompletionsAsync(stage, round, first, last), cancel);

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">Always: only training reads rows by a list of prompts, and silos train, not clients.</exception>
    public Task<IReadOnlyList<CompletionRow>> CompletionsAsync(int stage, int round, IReadOnlyCollection<int> prompts, CancellationToken cancel = default) =>
        throw new NotSupportedException($"run {run} is trained by the cluster's silos; clients read by ranges of prompts");

    /// <inheritdoc/>
    public Task<IReadOnlyList<PairSetRow>> PairSetsAsync(int stage, int round, int from, int to, CancellationToken cancel = default) =>
        PagesAsync("ledger.pair-sets", from, to, (first, last) => ledger.PairSetsAsync(stage, round, first, last), cancel);

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">Always, as with candidates.</exception>
    public Task<IReadOnlyList<PairSetRow>> PairSetsAsync(int stage, int round, IReadOnlyCollection<int> prompts, CancellationToken cancel = default) =>
        throw new NotSupportedException($"run {run} is trained by the cluster's silos; clients read by ranges of prompts");

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<VerdictKey, Verdict>> VerdictsAsync(IReadOnlyCollection<VerdictKey> keys, CancellationToken cancel = default)
    {
        Dictionary<VerdictKey, Verdict> found = [];
        foreach (VerdictKey[] part in keys.Chunk(KeysAtOnce))
        {
            IReadOnlyList<VerdictRow> rows = await calls.RunAsync("ledger.verdicts", () => ledger.VerdictsAsync(part), cancel).ConfigureAwait(false);
            foreach (VerdictRow row in rows) found[row.Key] = row.Verdict;
        }

        return found;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<RatingKey, Rating>> RatingsAsync(IReadOnlyCollection<RatingKey> keys, CancellationToken cancel = default)
    {
        Dictionary<RatingKey, Rating> found = [];
        foreach (RatingKey[] part in keys.Chunk(KeysAtOnce))
        {
            IReadOnlyList<RatingRow> rows = await calls.RunAsync("ledger.ratings", () => ledger.RatingsAsync(part), cancel).ConfigureAwait(false);
            foreach (RatingRow row in rows) found[row.Key] = row.Rating;
        }

        return found;
    }

    /// <inheritdoc/>
    public Task<long> VerdictCountAsync(CancellationToken cancel = default) => calls.RunAsync("ledger.verdict-count", ledger.VerdictCountAsync, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<StepRow>> StepsAsync(int stage, int round, CancellationToken cancel = default) =>
        calls.RunAsync("ledger.steps", () => ledger.StepsAsync(stage, round), cancel);

    /// <inheritdoc/>
    public Task<RoundCounts> CountsAsync(int stage, int round, CancellationToken cancel = default) =>
        calls.RunAsync("ledger.counts", () => ledger.CountsAsync(stage, round), cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<RoundRow>> RoundsAsync(CancellationToken cancel = default) => calls.RunAsync("ledger.rounds", ledger.RoundsAsync, cancel);

    /// <inheritdoc/>
    public Task<EvaluationRow?> EvaluationAsync(string policy, CancellationToken cancel = default) =>
        calls.RunAsync("ledger.evaluation", () => ledger.EvaluationAsync(policy), cancel);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>
    /// The rows of prompts [from, to). After an empty page the next one is twice as wide: prompts end in any order, so a gap is not the end, and
    /// <paramref name="to"/> may be int.MaxValue.
    /// </summary>
    private async Task<IReadOnlyList<T>> PagesAsync<T>(string what, int from, int to, Func<int, int, Task<IReadOnlyList<T>>> page, CancellationToken cancel)
    {
        List<T> rows = [];
        long width = PromptsAtOnce;
        for (int first = from; first < to;)
        {
            int begin = first, end = (int)Math.Min(to, begin + width);
            IReadOnlyList<T> some = await calls.RunAsync(what, () => page(begin, end), cancel).ConfigureAwait(false);
            rows.AddRange(some);
            (first, width) = (end, some.Count > 0 ? PromptsAtOnce : 2 * width);
        }

        return rows;
    }
}

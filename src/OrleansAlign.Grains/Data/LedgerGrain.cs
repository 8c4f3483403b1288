using Orleans.Concurrency;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Grains.Contracts;

namespace OrleansAlign.Grains.Data;

/// <summary>Reads a run's ledger for clients. Stateless: Orleans activates as many on every silo as calls need.</summary>
[StatelessWorker, Reentrant]
internal sealed class LedgerGrain(IRunLedgers ledgers) : Grain, ILedgerGrain
{
    private IRunLedger Ledger => ledgers.Open(GrainKeys.NameOf(this.GetPrimaryKeyString()));

    /// <inheritdoc/>
    public Task<RunRow?> RunAsync() => Ledger.RunAsync();

    /// <inheritdoc/>
    public Task<IReadOnlyList<CompletionRow>> CompletionsAsync(int stage, int round, int from, int to) => Ledger.CompletionsAsync(stage, round, from, to);

    /// <inheritdoc/>
    public Task<IReadOnlyList<PairSetRow>> PairSetsAsync(int stage, int round, int from, int to) => Ledger.PairSetsAsync(stage, round, from, to);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<VerdictRow>> VerdictsAsync(IReadOnlyList<VerdictKey> keys) =>
        [.. (await Ledger.VerdictsAsync(keys)).Select(v => new VerdictRow(v.Key, v.Value))];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<RatingRow>> RatingsAsync(IReadOnlyList<RatingKey> keys) =>
        [.. (await Ledger.RatingsAsync(keys)).Select(r => new RatingRow(r.Key, r.Value))];

    /// <inheritdoc/>
    public Task<long> VerdictCountAsync() => Ledger.VerdictCountAsync();

    /// <inheritdoc/>
    public Task<IReadOnlyList<StepRow>> StepsAsync(int stage, int round) => Ledger.StepsAsync(stage, round);

    /// <inheritdoc/>
    public Task<RoundCounts> CountsAsync(int stage, int round) => Ledger.CountsAsync(stage, round);

    /// <inheritdoc/>
    public Task<IReadOnlyList<RoundRow>> RoundsAsync() => Ledger.RoundsAsync();

    /// <inheritdoc/>
    public Task<EvaluationRow?> EvaluationAsync(string policy) => Ledger.EvaluationAsync(policy);
}

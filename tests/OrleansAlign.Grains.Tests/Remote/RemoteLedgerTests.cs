using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Grains.Contracts.Remote;
using OrleansAlign.Tests;

namespace OrleansAlign.Grains.Tests.Remote;

public sealed class RemoteLedgerTests
{
    /// <summary>Prompts that have a pair set: many, then a gap, a few more, and one far away. Gaps arise because tournaments end in any order.</summary>
    private static readonly int[] Decided = [.. Enumerable.Range(0, 300), .. Enumerable.Range(700, 10), 5000];

    private readonly List<(int From, int To)> pages = [];
    private readonly List<int> asked = [];

    private RemoteLedger Ledger => new(
        FakeGrains.Of(
            (type, key) => (type, key) == (typeof(ILedgerGrain), "ledger/demo-seed1") ? new LedgerGrain(this) : throw new InvalidOperationException(key)),
        new RemoteCalls(new HurriedTime(), "test"), "demo-seed1");

    [Fact]
    public async Task Pair_sets_come_in_pages_up_to_an_end_that_nobody_knows()
    {
        IReadOnlyList<PairSetRow> sets = await Ledger.PairSetsAsync(1, 2, 0, int.MaxValue);

        Assert.Equal(Decided, sets.Select(s => s.Key.Index));
        Assert.Equal(int.MaxValue, pages[^1].To);
        Assert.All(pages.Skip(1).Zip(pages), p => Assert.Equal(p.Second.To, p.First.From));
        Assert.All(pages, page => Assert.InRange(Decided.Count(i => i >= page.From && i < page.To), 0, 32));
        Assert.InRange(pages.Count, 10, 60);
    }

    [Fact]
    public async Task A_range_is_read_as_given()
    {
        Assert.Equal([5], (await Ledger.PairSetsAsync(1, 2, 5, 6)).Select(s => s.Key.Index));
        Assert.Equal([(5, 6)], pages);
        pages.Clear();

        Assert.Equal(Enumerable.Range(10, 90), (await Ledger.PairSetsAsync(1, 2, 10, 100)).Select(s => s.Key.Index));
        Assert.Equal([(10, 42), (42, 74), (74, 100)], pages);
    }

    [Fact]
    public async Task Verdicts_are_asked_for_a_thousand_at_a_time()
    {
        VerdictKey[] keys = [.. Enumerable.Range(0, 2500).Select(i => new VerdictKey("judge", "context", $"{i:0000}", "x"))];

        IReadOnlyDictionary<VerdictKey, Verdict> found = await Ledger.VerdictsAsync(keys);

        Assert.Equal([1024, 1024, 452], asked);
        Assert.Equal(keys.Where((_, i) => i % 2 == 0), found.Keys);
    }

    [Fact]
    public async Task Counts_come_from_the_grain() => Assert.Equal(new RoundCounts(1, 2, Decided.Length), await Ledger.CountsAsync(1, 2));

    private sealed class LedgerGrain(RemoteLedgerTests world) : ILedgerGrain
    {
        public Task<IReadOnlyList<PairSetRow>> PairSetsAsync(int stage, int round, int from, int to)
        {
            world.pages.Add((from, to));
            return Task.FromResult<IReadOnlyList<PairSetRow>>(
            [
                .. Decided.Where(i => i >= from && i < to)
                    .Select(i => new PairSetRow(new PromptKey(stage, round, i), $"p{i}", "[]", [], "reference", [], [], [])),
            ]);
        }

        public Task<IReadOnlyList<VerdictRow>> VerdictsAsync(IReadOnlyList<VerdictKey> keys)
        {
            world.asked.Add(keys.Count);
            VerdictRow[] rows = [.. keys.Where(k => int.Parse(k.A) % 2 == 0).Select(k => new VerdictRow(k, Verdict.OfInvalid("test")))];
            return Task.FromResult<IReadOnlyList<VerdictRow>>(rows);
        }

        public Task<RunRow?> RunAsync() => throw new NotSupportedException();

        public Task<IReadOnlyList<CompletionRow>> CompletionsAsync(int stage, int round, int from, int to) => throw new NotSupportedException();

        public Task<IReadOnlyList<RatingRow>> RatingsAsync(IReadOnlyList<RatingKey> keys) => throw new NotSupportedException();

        public Task<long> VerdictCountAsync() => throw new NotSupportedException();

        public Task<IReadOnlyList<StepRow>> StepsAsync(int stage, int round) => throw new NotSupportedException();

        public Task<RoundCounts> CountsAsync(int stage, int round) => Task.FromResult(new RoundCounts(stage, round, Decided.Length));

        public Task<IReadOnlyList<RoundRow>> RoundsAsync() => throw new NotSupportedException();

        public Task<EvaluationRow?> EvaluationAsync(string policy) => throw new NotSupportedException();
    }
}

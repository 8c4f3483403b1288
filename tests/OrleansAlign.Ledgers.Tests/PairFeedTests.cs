using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Stages;
using OrleansAlign.Models.Engines;

namespace OrleansAlign.Ledgers.Tests;

/// <summary>Pairs from the ledger into batches.</summary>
public sealed class PairFeedTests : IDisposable
{
    private const int Stage = 1, Round = 2, Candidates = 3;

    // Pairs of each prompt, the prompts without any among them at both ends and in a row.
    private static readonly int[] Pairs = [0, 2, 0, 0, 1, 3, 0];

    private readonly string folder = Directory.CreateTempSubdirectory("align-feed-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Every_pair_is_read_as_the_ledger_has_it_in_any_order()
    {
        await using SqliteLedger ledger = SqliteLedger.Open(Path.Combine(folder, "ledger.db"));
        foreach (int prompt in new[] { 3, 0, 6, 1, 5, 2, 4 }) await AddAsync(ledger, prompt);
        PairFeed feed = new(Stage, Round, Pairs.Length);

        Assert.True(await feed.PullAsync(ledger, CancellationToken.None));
        IReadOnlyList<PreferenceExample> read = await feed.ReadAsync([5, 0, 3, 1, 2, 4, 0], ledger, CancellationToken.None);

        Assert.Equal(6, feed.Pairs);
        Assert.Equal([(5, 2), (1, 0), (5, 0), (1, 1), (4, 0), (5, 1), (1, 0)], read.Select(pair => (pair.Chosen.Tokens[0], (int)pair.Reference!.Value.Chosen)));
        Assert.All(read, pair => Assert.Equal((1, 1), (pair.Chosen.PromptLength, pair.Rejected.PromptLength)));
        Assert.Equal([5, 52, 99], read[0].Chosen.Tokens);
        Assert.Equal([5, 50, 99], read[0].Rejected.Tokens);
    }

    [Fact]
    public async Task Pulling_ends_at_the_first_prompt_that_is_still_in_play_and_goes_on_from_there()
    {
        await using SqliteLedger ledger = SqliteLedger.Open(Path.Combine(folder, "ledger.db"));
        PairFeed feed = new(Stage, Round, Pairs.Length);
        Assert.False(await feed.PullAsync(ledger, CancellationToken.None));

        foreach (int prompt in new[] { 0, 1, 3, 4 }) await AddAsync(ledger, prompt);
        Assert.False(await feed.PullAsync(ledger, CancellationToken.None));
        Assert.Equal((2, 2), (feed.Next, feed.Pairs));

        foreach (int prompt in new[] { 2, 5, 6 }) await AddAsync(ledger, prompt);
        Assert.True(await feed.PullAsync(ledger, CancellationToken.None));
        Assert.Equal((7, 6), (feed.Next, feed.Pairs));
        Assert.Equal([4], (await feed.ReadAsync([2], ledger, CancellationToken.None)).Select(pair => pair.Chosen.Tokens[0]));
    }

    [Fact]
    public async Task Rows_that_are_gone_are_named()
    {
        await using SqliteLedger ledger = SqliteLedger.Open(Path.Combine(folder, "ledger.db")), emptied = SqliteLedger.Open(Path.Combine(folder, "emptied.db"));
        foreach (int prompt in Enumerable.Range(0, Pairs.Length)) await AddAsync(ledger, prompt);
        PairFeed feed = new(Stage, Round, Pairs.Length);
        await feed.PullAsync(ledger, CancellationToken.None);

        InvalidDataException gone = await Assert.ThrowsAsync<InvalidDataException>(() => feed.ReadAsync([2], emptied, CancellationToken.None));
        await emptied.AddPairSetsAsync(await ledger.PairSetsAsync(Stage, Round, 4, 5));
        InvalidDataException silent = await Assert.ThrowsAsync<InvalidDataException>(() => feed.ReadAsync([2], emptied, CancellationToken.None));

        Assert.StartsWith("the ledger lacks pair 0 of prompt 4 in round 2 of stage 1; rows were deleted", gone.Message, StringComparison.Ordinal);
        Assert.StartsWith("the ledger lacks candidate 0 of prompt 4 in round 2 of stage 1; rows were deleted", silent.Message, StringComparison.Ordinal);
    }

    /// <summary>Pair i of a prompt has candidate i chosen over the one before it, and i as the reference's log-prob.</summary>
    private static async Task AddAsync(SqliteLedger ledger, int prompt)
    {
        PromptKey key = new(Stage, Round, prompt);
        await ledger.AddCompletionsAsync(
        [
            .. Enumerable.Range(0, Candidates)
                .Select(c => new CompletionRow(key, "p", c, "x", 1, FinishReason.Stop, [(10 * prompt) + c, 99], [0, 0], "")),
        ]);
        await ledger.AddPairSetsAsync([new PairSetRow(
            key, "p", "[]", [prompt], "x", [], [], [.. Enumerable.Range(0, Pairs[prompt]).Select(i => new PairRow(i, (i + 1) % Candidates, 1, i, -i))])]);
    }
}

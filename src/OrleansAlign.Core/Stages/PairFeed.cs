using OrleansAlign.Core.Ledger;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Losses;

namespace OrleansAlign.Core.Stages;

/// <summary>A round's pairs, pulled from the ledger in the order of the prompts, as far as they are committed.</summary>
/// <remarks>
/// A notice that pairs were committed causes a pull; the ledger alone decides which pairs are pulled, and in which order. One caller at a time. Only the
/// number of pairs of each prompt is kept in memory: the pairs stay in the ledger until a batch needs them, so memory does not grow with their texts.
/// </remarks>
public sealed class PairFeed
{
    /// <summary>Prompts read at once; bounds memory, not results.</summary>
    private const int PromptsAtOnce = 256;

    // Element i: number of pairs of prompts 0 to i, both included.
    private readonly List<int> ends = [];

    /// <summary>Creates a feed that has pulled nothing yet.</summary>
    /// <param name="stage">Stage, from 0.</param>
    /// <param name="round">Round, from 1.</param>
    /// <param name="prompts">Prompts of the round.</param>
    public PairFeed(int stage, int round, int prompts) => (Stage, Round, Count) = (stage, round, prompts);

    /// <summary>Stage, from 0.</summary>
    public int Stage { get; }

    /// <summary>Round, from 1.</summary>
    public int Round { get; }

    /// <summary>Prompts of the round.</summary>
    public int Count { get; }

    /// <summary>Place of the next prompt to pull; all prompts before it are pulled.</summary>
    public int Next => ends.Count;

    /// <summary>Whether all prompts are pulled.</summary>
    public bool IsComplete => Next == Count;

    /// <summary>Number of pairs pulled.</summary>
    public int Pairs => ends.Count == 0 ? 0 : ends[^1];

    /// <summary>Pulls the pair sets committed since the last pull, up to the first prompt whose tournament is undecided.</summary>
    /// <returns>Whether all prompts are pulled.</returns>
    public async Task<bool> PullAsync(IRunLedger ledger, CancellationToken cancel)
    {
        while (Next < Count)
        {
            int to = Math.Min(Next + PromptsAtOnce, Count);
            foreach (PairSetRow set in await ledger.PairSetsAsync(Stage, Round, Next, to, cancel).ConfigureAwait(false))
            {
                if (set.Key.Index != Next) break;
                ends.Add(Pairs + set.Pairs.Count);
            }

            if (Next < to) break;
        }

        return IsComplete;
    }

    /// <summary>Reads some of the pairs as training examples.</summary>
    /// <param name="numbers">Numbers of the pairs, from 0, in the order of prompts.</param>
    /// <param name="ledger">The run's ledger.</param>
    /// <param name="cancel">Ends the reading.</param>
    /// <returns>One example per number.</returns>
    /// <exception cref="InvalidDataException">Rows were deleted.</exception>
    public async Task<IReadOnlyList<PreferenceExample>> ReadAsync(IReadOnlyList<int> numbers, IRunLedger ledger, CancellationToken cancel)
    {
        (int Prompt, int Pair)[] places = [.. numbers.Select(PlaceOf)];
        int[] prompts = [.. places.Select(place => place.Prompt).Distinct()];
        Dictionary<int, PairSetRow> sets = (await ledger.PairSetsAsync(Stage, Round, prompts, cancel).ConfigureAwait(false)).ToDictionary(set => set.Key.Index);
        ILookup<int, CompletionRow> drawn = (await ledger.CompletionsAsync(Stage, Round, prompts, cancel).ConfigureAwait(false)).ToLookup(row => row.Key.Index);
        return [.. places.Select(place => sets.TryGetValue(place.Prompt, out PairSetRow? set) && place.Pair < set.Pairs.Count
            ? PreferenceExample.Of(set, set.Pairs[place.Pair], drawn[place.Prompt])
            : throw new InvalidDataException(
                $"the ledger lacks pair {place.Pair} of prompt {place.Prompt} in round {Round} of stage {Stage}; rows were deleted: start a new run"))];
    }

    /// <summary>The prompt of a pair, and the pair's number among that prompt's pairs.</summary>
    private (int Prompt, int Pair) PlaceOf(int number)
    {
        (int prompt, int above) = (0, ends.Count);
        while (prompt < above)
        {
            int middle = (prompt + above) / 2;
            if (ends[middle] <= number) prompt = middle + 1;
            else above = middle;
        }

        return (prompt, number - (prompt == 0 ? 0 : ends[prompt - 1]));
    }
}

/// <summary>A preference pair as a training example.</summary>
/// <param name="Chosen">The prompt and the chosen response.</param>
/// <param name="Rejected">The prompt and the rejected response.</param>
/// <param name="Reference">The log-probs of both under the reference; null where the loss needs none.</param>
public sealed record PreferenceExample(TokenSequence Chosen, TokenSequence Rejected, ReferenceLogProbs? Reference)
{
    internal static PreferenceExample Of(PairSetRow set, PairRow pair, IEnumerable<CompletionRow> drawn)
    {
        return new(
            Sequence(pair.Chosen), Sequence(pair.Rejected),
            pair is { ReferenceChosen: { } better, ReferenceRejected: { } worse } ? new ReferenceLogProbs(better, worse) : null);

        TokenSequence Sequence(int candidate) => drawn.FirstOrDefault(row => row.Candidate == candidate) is { } row
            ? Settlement.Sequence(set.PromptTokens, row.Tokens)
            : throw new InvalidDataException(
                $"the ledger lacks candidate {candidate} of prompt {set.Key.Index} in round {set.Key.Round} of stage {set.Key.Stage}; "
                + "rows were deleted: start a new run");
    }
}

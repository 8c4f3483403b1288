using OrleansAlign.Core.Ledger;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Losses;

namespace OrleansAlign.Core.Stages;

/// <summary>A round's pairs as they are trained on, pulled from the ledger in the order of the prompts, as far as they are committed.</summary>
/// <remarks>Whoever hears that pairs were committed pulls; what is pulled, and in which order, the ledger alone decides. One caller at a time.</remarks>
public sealed class PairFeed
{
    /// <summary>Prompts read at once; bounds memory, not results.</summary>
    private const int PromptsAtOnce = 256;

    private readonly int candidates;
    private readonly List<PreferenceExample> examples = [];

    internal PairFeed(int stage, int round, int prompts, int candidates) => (Stage, Round, Count, this.candidates) = (stage, round, prompts, candidates);

    /// <summary>Stage, from 0.</summary>
    public int Stage { get; }

    /// <summary>Round, from 1.</summary>
    public int Round { get; }

    /// <summary>Prompts of the round.</summary>
    public int Count { get; }

    /// <summary>Prompts pulled: all those before this place.</summary>
    public int Next { get; private set; }

    /// <summary>Whether all prompts are pulled.</summary>
    public bool IsComplete => Next == Count;

    internal IReadOnlyList<PreferenceExample> Examples => examples;

    /// <summary>Pulls what was committed since, up to the first prompt that is still in play.</summary>
    /// <returns>Whether all prompts are pulled.</returns>
    public async Task<bool> PullAsync(IRunLedger ledger, CancellationToken cancel)
    {
        while (Next < Count)
        {
            int from = Next, to = Math.Min(from + PromptsAtOnce, Count);
            IReadOnlyList<PairSetRow> sets = await ledger.PairSetsAsync(Stage, Round, from, to, cancel).ConfigureAwait(false);
            int contiguous = 0;
            while (contiguous < sets.Count && sets[contiguous].Key.Index == from + contiguous) contiguous++;
            if (contiguous == 0) break;
            IReadOnlyList<CompletionRow> completions = await ledger.CompletionsAsync(Stage, Round, from, from + contiguous, cancel).ConfigureAwait(false);
            if (completions.Count < contiguous * candidates)
            {
                throw new InvalidDataException(
                    $"the ledger has {completions.Count} candidates of prompts {from} to {from + contiguous - 1} in round {Round} of stage {Stage}, {contiguous * candidates} belong there; "
                    + "rows were deleted: start a new run");
            }

            foreach ((PairSetRow set, CompletionRow[] drawn) in sets.Take(contiguous).Zip(completions.Chunk(candidates)))
            {
                examples.AddRange(set.Pairs.Select(pair => PreferenceExample.Of(set, pair, drawn)));
            }

            Next += contiguous;
            if (contiguous < to - from) break;
        }

        return IsComplete;
    }
}

/// <summary>A pair as it is trained on.</summary>
internal sealed record PreferenceExample(TokenSequence Chosen, TokenSequence Rejected, ReferenceLogProbs Reference)
{
    public static PreferenceExample Of(PairSetRow set, PairRow pair, CompletionRow[] candidates) => new(
        ReferenceScores.Sequence(set.PromptTokens, candidates[pair.Chosen].Tokens), ReferenceScores.Sequence(set.PromptTokens, candidates[pair.Rejected].Tokens),
        new ReferenceLogProbs(pair.ReferenceChosen, pair.ReferenceRejected));
}

using System.Text.Json.Nodes;
using OrleansAlign.Core.Brackets;
using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Pairing;
using OrleansAlign.Core.Ports;
using OrleansAlign.Models.Chat;

namespace OrleansAlign.Core.Tournaments;

/// <summary>One prompt's tournament: turns the pending matches of its bracket into questions to a judge, and the verdicts into results.</summary>
/// <remarks>
/// A host enters candidates as they arrive, asks the pending questions, commits the verdicts, and enters them; a match is pending once both its candidates
/// have arrived. The result does not depend on the order of arrival. There is no I/O and no clock here, and randomness comes from the seed alone.
/// </remarks>
public sealed class PromptTournament
{
    private readonly IReadOnlyList<ChatMessage> messages;
    private readonly string?[] responses, hashes;
    private readonly string judge;
    private readonly Dictionary<VerdictKey, Verdict> verdicts = [];
    private Bracket bracket;

    /// <summary>Sets up a tournament whose candidates are still to come.</summary>
    /// <param name="messages">The conversation that is answered.</param>
    /// <param name="candidates">Number of candidates.</param>
    /// <param name="format">Who plays whom.</param>
    /// <param name="seed">Seed of the draw and of the coins.</param>
    /// <param name="judge">Id of the judge.</param>
    public PromptTournament(IReadOnlyList<ChatMessage> messages, int candidates, BracketFormat format, ulong seed, string judge)
    {
        (this.messages, this.judge) = (messages, judge);
        (responses, hashes) = (new string?[candidates], new string?[candidates]);
        bracket = Bracket.Create(format, candidates, seed);
    }

    /// <summary>Sets up a tournament whose candidates have all arrived.</summary>
    /// <param name="messages">The conversation that is answered.</param>
    /// <param name="responses">The candidates' texts.</param>
    /// <param name="format">Who plays whom.</param>
    /// <param name="seed">Seed of the draw and of the coins.</param>
    /// <param name="judge">Id of the judge.</param>
    public PromptTournament(IReadOnlyList<ChatMessage> messages, IReadOnlyList<string> responses, BracketFormat format, ulong seed, string judge)
        : this(messages, responses.Count, format, seed, judge) => Enter(responses.Select((text, i) => (i, text)));

    /// <summary>The prompt's check; null unless the judge decides by checks.</summary>
    public JsonObject? Check { get; init; }

    /// <summary>Whether all candidates have arrived and every match is decided.</summary>
    public bool IsComplete => bracket.IsComplete && Array.TrueForAll(responses, r => r is not null);

    /// <summary>Index of the winner; null until complete.</summary>
    public int? Winner => IsComplete ? bracket.Winner : null;

    /// <summary>The bracket with the results so far.</summary>
    public Bracket Bracket => bracket;

    /// <summary>Enters candidates, any number at a time; a candidate that has arrived already is left unchanged.</summary>
    public void Enter(IEnumerable<(int Candidate, string Response)> candidates)
    {
        bool any = false;
        foreach ((int candidate, string response) in candidates)
        {
            if (responses[candidate] is not null) continue;
            (responses[candidate], hashes[candidate]) = (response, ContentHash.Of(response));
            any = true;
        }

        if (!any) return;

        // Only candidates that have arrived can be compared; the others count as different.
        int[] classes = CandidateIdentity.Classes([.. hashes.Select((hash, i) => hash ?? $"candidate {i} is still to come")]);
        bracket = Bracket.Create(bracket.Format, bracket.Candidates, bracket.Seed, classes).Advance(bracket.Results);
    }

    /// <summary>The questions that can be asked now, under canonical keys; the same question is listed once.</summary>
    public IReadOnlyDictionary<VerdictKey, JudgeQuestion> Pending()
    {
        Dictionary<VerdictKey, JudgeQuestion> questions = [];
        foreach (Match match in bracket.Pending)
        {
            if (responses[match.A] is not { } a || responses[match.B] is not { } b) continue;
            VerdictKey key = KeyOf(match), canonical = key.ToCanonical();
            var question = new JudgeQuestion(messages, a, b) { Check = Check };
            questions[canonical] = key.IsCanonical ? question : question.Swap();
        }

        return questions;
    }

    /// <summary>Enters the answers to pending questions, by canonical key; other answers are ignored.</summary>
    public void Advance(IReadOnlyDictionary<VerdictKey, Verdict> answers)
    {
        List<KeyValuePair<string, MatchResult>> results = [];
        foreach (Match match in bracket.Pending)
        {
            if (responses[match.A] is null || responses[match.B] is null) continue;
            VerdictKey key = KeyOf(match);
            if (!answers.TryGetValue(key.ToCanonical(), out Verdict? verdict)) continue;
            verdicts[key.ToCanonical()] = verdict;
            results.Add(KeyValuePair.Create(match.Id, ResultOf(key, verdict)));
        }

        bracket = bracket.Advance(results);
    }

    /// <summary>The decided matches, in the bracket's order.</summary>
    public IReadOnlyList<MatchRow> Matches() => [.. bracket.Decided.Select(decided =>
    {
        VerdictKey key = KeyOf(decided.Match);
        bool judged = verdicts.TryGetValue(key.ToCanonical(), out Verdict? verdict);
        (Match match, MatchResult result, _, _) = decided;
        return new MatchRow(match.Id, match.A, match.B, result.Outcome, result.Margin, judged && verdict!.Flipped, judged ? key : null);
    })];

    /// <summary>The pairs made from the complete bracket.</summary>
    public IReadOnlyList<PairPick> Pairs(PairingOptions options) => PairPicker.FromBracket(bracket, options);

    /// <summary>Matches and pairs of the complete bracket.</summary>
    public TournamentResult Result(PairingOptions options) => new(Matches(), [], Pairs(options));

    private static MatchResult ResultOf(VerdictKey key, Verdict verdict) => MatchResult.Of(key.IsCanonical ? verdict : verdict.Swap());

    private string Context => field ??= ContentHash.Of(messages, Check);

    private VerdictKey KeyOf(Match match) => new(judge, Context, hashes[match.A]!, hashes[match.B]!);
}

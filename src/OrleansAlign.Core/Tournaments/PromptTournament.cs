using System.Text.Json.Nodes;
using OrleansAlign.Core.Brackets;
using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Pairing;
using OrleansAlign.Core.Ports;
using OrleansAlign.Models.Chat;

namespace OrleansAlign.Core.Tournaments;

/// <summary>One prompt's tournament: which questions its bracket asks a judge, and what the answers make of it.</summary>
/// <remarks>
/// A host hands in candidates as they come, asks the pending questions, commits the verdicts, and hands them in; the first match can be played when
/// its two sides are there. What comes out does not depend on the order of arrival. Nothing here waits, writes or draws anything but by its seed.
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

    /// <summary>Sets up a tournament whose candidates are all there.</summary>
    /// <param name="messages">The conversation that is answered.</param>
    /// <param name="responses">The candidates' texts.</param>
    /// <param name="format">Who plays whom.</param>
    /// <param name="seed">Seed of the draw and of the coins.</param>
    /// <param name="judge">Id of the judge.</param>
    public PromptTournament(IReadOnlyList<ChatMessage> messages, IReadOnlyList<string> responses, BracketFormat format, ulong seed, string judge)
        : this(messages, responses.Count, format, seed, judge) => Enter(responses.Select((text, i) => (i, text)));

    /// <summary>The prompt's check, where the judge decides by it.</summary>
    public JsonObject? Check { get; init; }

    /// <summary>Whether every match is over.</summary>
    public bool IsComplete => bracket.IsComplete && Array.TrueForAll(responses, r => r is not null);

    /// <summary>Index of the winner; null until complete.</summary>
    public int? Winner => IsComplete ? bracket.Winner : null;

    /// <summary>The bracket as it stands.</summary>
    public Bracket Bracket => bracket;

    /// <summary>Takes candidates, any number at a time; one that is there already is left as it is.</summary>
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

    /// <summary>What must be asked now, under canonical keys; the same question is listed once.</summary>
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

    /// <summary>Takes answers to pending questions, by canonical key; others are ignored.</summary>
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

    /// <summary>The decided matches, in order of play.</summary>
    public IReadOnlyList<MatchRow> Matches() => [.. bracket.Decided.Select(decided =>
    {
        VerdictKey key = KeyOf(decided.Match);
        bool judged = verdicts.TryGetValue(key.ToCanonical(), out Verdict? verdict);
        return new MatchRow(decided.Match.Id, decided.Match.A, decided.Match.B, decided.Result.Outcome, decided.Result.Margin, judged && verdict!.Flipped, judged ? key : null);
    })];

    /// <summary>The pairs that come of the complete bracket.</summary>
    public IReadOnlyList<PairPick> Pairs(PairingOptions options) => PairPicker.FromBracket(bracket, options).Pairs;

    /// <summary>All that came of the complete bracket.</summary>
    public TournamentResult Result(PairingOptions options) => new(Matches(), [], Pairs(options));

    private static MatchResult ResultOf(VerdictKey key, Verdict verdict) => MatchResult.Of(key.IsCanonical ? verdict : verdict.Swap());

    private string Context => field ??= ContentHash.Of(messages, Check);

    private VerdictKey KeyOf(Match match) => new(judge, Context, hashes[match.A]!, hashes[match.B]!);
}

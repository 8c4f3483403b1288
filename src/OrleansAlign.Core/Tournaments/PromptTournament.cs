using OrleansAlign.Core.Brackets;
using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Pairing;
using OrleansAlign.Core.Ports;
using OrleansAlign.Models.Chat;

namespace OrleansAlign.Core.Tournaments;

/// <summary>One prompt's tournament: which questions its bracket asks a judge, and what the answers make of it.</summary>
/// <remarks>A host asks the pending questions, commits the verdicts, and hands them in. Nothing here waits, writes or draws anything but by its seed.</remarks>
public sealed class PromptTournament
{
    private readonly IReadOnlyList<ChatMessage> messages;
    private readonly string[] responses, hashes;
    private readonly string judge, context;
    private readonly Dictionary<VerdictKey, Verdict> verdicts = [];
    private Bracket bracket;

    /// <summary>Sets up a tournament.</summary>
    /// <param name="messages">The conversation that is answered.</param>
    /// <param name="responses">The candidates' texts.</param>
    /// <param name="format">Who plays whom.</param>
    /// <param name="seed">Seed of the draw and of the coins.</param>
    /// <param name="judge">Id of the judge.</param>
    public PromptTournament(IReadOnlyList<ChatMessage> messages, IReadOnlyList<string> responses, BracketFormat format, ulong seed, string judge)
    {
        (this.messages, this.responses, this.judge) = (messages, [.. responses], judge);
        context = ContentHash.Of(messages);
        hashes = [.. responses.Select(ContentHash.Of)];
        bracket = Bracket.Create(format, responses.Count, seed, CandidateIdentity.Classes(responses));
    }

    /// <summary>Whether every match is over.</summary>
    public bool IsComplete => bracket.IsComplete;

    /// <summary>Index of the winner; null until complete.</summary>
    public int? Winner => bracket.Winner;

    /// <summary>The bracket as it stands.</summary>
    public Bracket Bracket => bracket;

    /// <summary>What must be asked now, under canonical keys; the same question is listed once.</summary>
    public IReadOnlyDictionary<VerdictKey, JudgeQuestion> Pending()
    {
        Dictionary<VerdictKey, JudgeQuestion> questions = [];
        foreach (Match match in bracket.Pending)
        {
            VerdictKey key = KeyOf(match), canonical = key.ToCanonical();
            questions[canonical] = key.IsCanonical
                ? new JudgeQuestion(messages, responses[match.A], responses[match.B])
                : new JudgeQuestion(messages, responses[match.B], responses[match.A]);
        }

        return questions;
    }

    /// <summary>Takes answers to pending questions, by canonical key; others are ignored.</summary>
    public void Advance(IReadOnlyDictionary<VerdictKey, Verdict> answers)
    {
        List<KeyValuePair<string, MatchResult>> results = [];
        foreach (Match match in bracket.Pending)
        {
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

    /// <summary>The verdicts of the decided matches with the candidates' lengths in tokens, for the judge's health.</summary>
    public IReadOnlyList<JudgedMatch> Judged(IReadOnlyList<int> lengths) =>
        [.. from decided in bracket.Decided
            let key = KeyOf(decided.Match)
            where verdicts.ContainsKey(key.ToCanonical())
            let verdict = key.IsCanonical ? verdicts[key] : verdicts[key.ToCanonical()].Swap()
            select new JudgedMatch(decided.Match.A, decided.Match.B, verdict, lengths[decided.Match.A], lengths[decided.Match.B])];

    /// <summary>The pairs that come of the complete bracket.</summary>
    public IReadOnlyList<PairPick> Pairs(PairingOptions options) => PairPicker.FromBracket(bracket, options).Pairs;

    private static MatchResult ResultOf(VerdictKey key, Verdict verdict) => MatchResult.Of(key.IsCanonical ? verdict : verdict.Swap());

    private VerdictKey KeyOf(Match match) => new(judge, context, hashes[match.A], hashes[match.B]);
}

using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Ports;

namespace OrleansAlign.Core.Judges;

/// <summary>A judge whose answers a run's ledger keeps, so that nothing is judged twice: see <see cref="RecordedAnswers{TKey, TQuestion, TAnswer}"/>.</summary>
/// <remarks>Safe for concurrent callers.</remarks>
public sealed class RecordedJudge : IRater
{
    private readonly IJudge judge;
    private readonly RecordedAnswers<VerdictKey, JudgeQuestion, Verdict> verdicts;
    private readonly RecordedAnswers<RatingKey, RatedResponse, Rating> ratings;

    /// <summary>Records a judge's answers in a ledger, and answers recorded questions from it.</summary>
    /// <param name="judge">Answers the questions that the ledger does not answer. To give scores it must be an <see cref="IRater"/>.</param>
    /// <param name="ledger">Keeps the answers.</param>
    public RecordedJudge(IJudge judge, IRunLedger ledger)
    {
        this.judge = judge;
        verdicts = new(
            ledger.VerdictsAsync, judge.JudgeAsync,
            async (answers, cancel) => (await ledger.AddVerdictsAsync([.. answers.Select(a => new VerdictRow(a.Key, a.Value))], cancel).ConfigureAwait(false))
                .ToDictionary(row => row.Key, row => row.Verdict));
        ratings = new(
            ledger.RatingsAsync, RateOpenAsync,
            async (answers, cancel) => (await ledger.AddRatingsAsync([.. answers.Select(a => new RatingRow(a.Key, a.Value))], cancel).ConfigureAwait(false))
                .ToDictionary(row => row.Key, row => row.Rating));
    }

    /// <inheritdoc cref="IJudge.Id"/>
    public string Id => judge.Id;

    /// <inheritdoc/>
    /// <remarks>A question and the same question with the responses exchanged are one: it is put to the judge in the canonical order.</remarks>
    public async Task<IReadOnlyList<Verdict>> JudgeAsync(IReadOnlyList<JudgeQuestion> questions, CancellationToken cancel)
    {
        VerdictKey[] keys = [.. questions.Select(q => q.Key(Id))];
        IReadOnlyDictionary<VerdictKey, Verdict> answers = await verdicts.AskAsync(
            [.. questions.Select((q, i) => KeyValuePair.Create(keys[i].ToCanonical(), keys[i].IsCanonical ? q : q.Swap()))], cancel).ConfigureAwait(false);
        return [.. keys.Select(key => key.IsCanonical ? answers[key] : answers[key.ToCanonical()].Swap())];
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The judge cannot rate single responses.</exception>
    public async Task<IReadOnlyList<Rating>> RateAsync(IReadOnlyList<RatedResponse> responses, CancellationToken cancel)
    {
        RatingKey[] keys = [.. responses.Select(r => r.Key(Id))];
        IReadOnlyDictionary<RatingKey, Rating> answers =
            await ratings.AskAsync([.. responses.Select((r, i) => KeyValuePair.Create(keys[i], r))], cancel).ConfigureAwait(false);
        return [.. keys.Select(key => answers[key])];
    }

    private Task<IReadOnlyList<Rating>> RateOpenAsync(IReadOnlyList<RatedResponse> responses, CancellationToken cancel) => judge is IRater rater
        ? rater.RateAsync(responses, cancel)
        : throw new ArgumentException("the judge compares responses and cannot rate a single one; set judge.kind to pointwise");
}

namespace OrleansAlign.Core.Judges;

/// <summary>Answers questions from the ledger, and has asked what the ledger lacks. An answer is committed before any caller hears of it.</summary>
/// <remarks>
/// A question that is being asked is not asked again: later callers wait for the first one's answer. Where two processes asked the same question, the answer
/// that the ledger kept counts for both.
/// </remarks>
/// <param name="find">Those of the keys that the ledger has, with their answers.</param>
/// <param name="ask">Asks; answer i belongs to question i.</param>
/// <param name="add">Commits answers; returns those that are new to the ledger.</param>
internal sealed class RecordedAnswers<TKey, TQuestion, TAnswer>(
    Func<IReadOnlyCollection<TKey>, CancellationToken, Task<IReadOnlyDictionary<TKey, TAnswer>>> find,
    Func<IReadOnlyList<TQuestion>, CancellationToken, Task<IReadOnlyList<TAnswer>>> ask,
    Func<IReadOnlyDictionary<TKey, TAnswer>, CancellationToken, Task<IReadOnlyDictionary<TKey, TAnswer>>> add)
    where TKey : notnull
{
    private readonly Lock gate = new();
    private readonly Dictionary<TKey, Task<IReadOnlyDictionary<TKey, TAnswer>>> inFlight = [];

    /// <summary>Answers questions, of which several may be the same.</summary>
    /// <returns>The answers, by key.</returns>
    public async Task<IReadOnlyDictionary<TKey, TAnswer>> AskAsync(IReadOnlyList<KeyValuePair<TKey, TQuestion>> questions, CancellationToken cancel)
    {
        Dictionary<TKey, TQuestion> open = [];
        Dictionary<TKey, Task<IReadOnlyDictionary<TKey, TAnswer>>> asked = [];
        var begin = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            foreach ((TKey key, TQuestion question) in questions)
            {
                if (inFlight.TryGetValue(key, out Task<IReadOnlyDictionary<TKey, TAnswer>>? others)) asked[key] = others;
                else open.TryAdd(key, question);
            }

            if (open.Count > 0)
            {
                Task<IReadOnlyDictionary<TKey, TAnswer>> own = AnswerAsync(open, begin.Task, cancel);
                foreach (TKey key in open.Keys) inFlight[key] = asked[key] = own;
            }
        }

        begin.SetResult();
        try
        {
            Dictionary<TKey, TAnswer> answers = new(asked.Count);
            foreach ((TKey key, Task<IReadOnlyDictionary<TKey, TAnswer>> answer) in asked) answers[key] = (await answer.ConfigureAwait(false))[key];
            return answers;
        }
        finally
        {
            lock (gate) foreach (TKey key in open.Keys) inFlight.Remove(key);
        }
    }

    private async Task<IReadOnlyDictionary<TKey, TAnswer>> AnswerAsync(Dictionary<TKey, TQuestion> questions, Task begin, CancellationToken cancel)
    {
        // The entry into `inFlight` comes first: what is asked here must be visible to other callers before anything is awaited.
        await begin.ConfigureAwait(false);
        Dictionary<TKey, TAnswer> answers = new(await find(questions.Keys, cancel).ConfigureAwait(false));
        TKey[] open = [.. questions.Keys.Where(key => !answers.ContainsKey(key))];
        if (open.Length == 0) return answers;
        IReadOnlyList<TAnswer> given = await ask([.. open.Select(key => questions[key])], cancel).ConfigureAwait(false);
        foreach ((TKey key, TAnswer answer) in await add(open.Zip(given).ToDictionary(), cancel).ConfigureAwait(false)) answers[key] = answer;

        TKey[] others = [.. open.Where(key => !answers.ContainsKey(key))];
        if (others.Length > 0) foreach ((TKey key, TAnswer answer) in await find(others, cancel).ConfigureAwait(false)) answers[key] = answer;
        return answers;
    }
}

namespace OrleansAlign.Core.Judges;

/// <summary>Answers questions from the ledger, and asks those that it does not answer. An answer is committed before it is returned to any caller.</summary>
/// <remarks>
/// A question that is being asked is not asked again: later callers wait for the first one's answer. Where two processes asked the same question, both return
/// the answer that the ledger kept.
/// </remarks>
/// <param name="find">Finds the answers that the ledger has, by key.</param>
/// <param name="ask">Asks the judge; answer i belongs to question i.</param>
/// <param name="add">Commits answers; returns the ones that the ledger did not have before.</param>
internal sealed class RecordedAnswers<TKey, TQuestion, TAnswer>(
    Func<IReadOnlyCollection<TKey>, CancellationToken, Task<IReadOnlyDictionary<TKey, TAnswer>>> find,
    Func<IReadOnlyList<TQuestion>, CancellationToken, Task<IReadOnlyList<TAnswer>>> ask,
    Func<IReadOnlyDictionary<TKey, TAnswer>, CancellationToken, Task<IReadOnlyDictionary<TKey, TAnswer>>> add)
    where TKey : notnull
{
    private readonly Lock gate = new();
    private readonly Dictionary<TKey, Task<IReadOnlyDictionary<TKey, TAnswer>>> inFlight = [];

    /// <summary>Answers questions; the same question may occur several times.</summary>
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
        // AskAsync completes `begin` once the keys are in `inFlight`: other callers must see them before the first question is asked.
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

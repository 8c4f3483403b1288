namespace OrleansAlign.Core.Data;

/// <summary>Faults of a file that was read: broken rows, the first of them with a message, and valid rows that were skipped, by reason.</summary>
/// <remarks>Filled while rows are read; not thread-safe. Without a report, a reader throws at the first broken row.</remarks>
public sealed class DataReport
{
    internal const int Told = 20;

    private readonly List<string> problems = [];
    private readonly SortedDictionary<string, int> skipped = new(StringComparer.Ordinal);

    /// <summary>Number of broken rows, those without a message included.</summary>
    public int Broken { get; private set; }

    /// <summary>Valid rows that were skipped, counted by reason ("chosen and rejected are equal").</summary>
    public IReadOnlyDictionary<string, int> Skipped => skipped;

    /// <summary>Throws one exception with all messages if any row was broken.</summary>
    /// <exception cref="InvalidDataException">A row was broken.</exception>
    public void ThrowIfBroken()
    {
        if (Broken == 0) return;
        if (Broken == 1) throw new InvalidDataException(problems[0]);
        string more = Broken > problems.Count ? $"\n… and {Broken - problems.Count} more" : "";
        throw new InvalidDataException($"{Broken} broken rows:\n{string.Join('\n', problems)}{more}");
    }

    internal void AddProblem(string message)
    {
        Broken++;
        if (problems.Count < Told) problems.Add(message);
    }

    internal void AddSkipped(string reason) => skipped[reason] = skipped.GetValueOrDefault(reason) + 1;
}

namespace OrleansAlign.Core.Data;

/// <summary>What reading a file turned up: broken rows, of which the first are told in words, and sound rows that are of no use, counted
/// by reason.</summary>
/// <remarks>Filled while rows are read; not thread-safe. Without a report, a reader throws at the first broken row.</remarks>
public sealed class DataReport
{
    /// <summary>How many broken rows are told in words.</summary>
    public const int Told = 20;

    private readonly List<string> problems = [];
    private readonly SortedDictionary<string, int> skipped = new(StringComparer.Ordinal);

    /// <summary>The first broken rows: file, line, value, rule and remedy.</summary>
    public IReadOnlyList<string> Problems => problems;

    /// <summary>Number of broken rows, those not told included.</summary>
    public int Broken { get; private set; }

    /// <summary>Rows left out though sound ("chosen and rejected are equal"), by reason.</summary>
    public IReadOnlyDictionary<string, int> Skipped => skipped;

    /// <summary>Throws if any row was broken, with all that is told.</summary>
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

namespace OrleansAlign.Core.Data;

/// <summary>Faults of a file that was read: broken rows, the first of them with a message, and valid rows that were skipped, by reason.</summary>
/// <remarks>Filled while rows are read; not thread-safe. Without a report, a reader throws at the first broken row.</remarks>
public sealed class DataReport
{
    internal const int Told = 20;

    private const int Places = 5;

    private readonly List<string> problems = [];
    private readonly SortedDictionary<string, int> skipped = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<RowSource>> firstSkipped = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, int> shapes = new(StringComparer.Ordinal);

    /// <summary>Number of broken rows, those without a message included.</summary>
    public int Broken { get; private set; }

    /// <summary>Valid rows that were skipped, counted by reason ("chosen and rejected are equal").</summary>
    public IReadOnlyDictionary<string, int> Skipped => skipped;

    /// <summary>Where the first of the skipped rows stand, by reason.</summary>
    public IReadOnlyList<RowSource> FirstSkipped(string reason) => firstSkipped.GetValueOrDefault(reason) ?? [];

    /// <summary>Messages about the first broken rows.</summary>
    public IReadOnlyList<string> Problems => problems;

    /// <summary>The shapes of rows that were seen, named by their keys ("prompt + completion"), with the number of rows of each.</summary>
    public IReadOnlyDictionary<string, int> Shapes => shapes;

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

    internal void AddSkipped(string reason, RowSource row)
    {
        skipped[reason] = skipped.GetValueOrDefault(reason) + 1;
        if (!firstSkipped.TryGetValue(reason, out List<RowSource>? first)) firstSkipped[reason] = first = [];
        if (first.Count < Places) first.Add(row);
    }

    internal void AddShape(string shape) => shapes[shape] = shapes.GetValueOrDefault(shape) + 1;
}

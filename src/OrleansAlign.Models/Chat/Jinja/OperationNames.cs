namespace OrleansAlign.Models.Chat.Jinja;

/// <summary>Finds the filters and tests that a template names. An unknown one is a fault at once where no condition decides whether it runs, as in Jinja 2,
/// where a branch that is not taken may name any.</summary>
internal sealed class OperationNames
{
    private readonly List<TemplateFault> unknown = [];

    /// <summary>Number of faults so far.</summary>
    public int Faults => unknown.Count;

    /// <summary>Throws the first fault, if there is one.</summary>
    public void Check()
    {
        if (unknown.Count > 0) throw unknown[0];
    }

    /// <summary>Leaves the faults from the one numbered <paramref name="first"/> on to the rendering, since a condition decides whether they happen.</summary>
    public void Defer(int first) => unknown.RemoveRange(first, unknown.Count - first);

    /// <summary>The filter or test; of an unknown name one that faults when it runs.</summary>
    public Operation Find(OperationTable table, string name, int line)
    {
        if (table.Find(name) is { } known) return known;
        unknown.Add(table.Missing(name, line));
        return new Operation("unknown", name, "* **", (_, _, _) => throw table.Missing(name, line));
    }
}

using System.Text.RegularExpressions;

namespace OrleansAlign.K8s.Tests.Monitoring;

/// <summary>The names of series and labels in a PromQL expression; the reader understands no more of the language than that takes.</summary>
internal sealed partial class Expression
{
    private static readonly HashSet<string> Words =
        ["and", "or", "unless", "offset", "bool", "by", "without", "on", "ignoring", "group_left", "group_right", "Inf", "NaN"];

    private Expression(IReadOnlyList<string> series, IReadOnlyList<string> labels) => (Series, Labels) = (series, labels);

    /// <summary>Names of the series.</summary>
    public IReadOnlyList<string> Series { get; }

    /// <summary>Names of labels, in matchers and in groupings.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>Finds the names in an expression.</summary>
    public static Expression Parse(string text)
    {
        var labels = new List<string>();
        string rest = Quoted().Replace(text, "\"\"");
        rest = Matchers().Replace(rest, m =>
        {
            labels.AddRange(Name().Matches(m.Value).Select(n => n.Value));
            return " ";
        });
        rest = Groupings().Replace(rest, m =>
        {
            labels.AddRange(Name().Matches(m.Groups[1].Value).Select(n => n.Value));
            return " ";
        });
        rest = Ranges().Replace(rest, " ");
        rest = Offsets().Replace(rest, " ");
        IEnumerable<string> series = Name().Matches(rest)
            .Where(m => !Words.Contains(m.Value) && !rest[(m.Index + m.Length)..].TrimStart().StartsWith('('))
            .Select(m => m.Value);
        return new([.. series.Distinct()], [.. labels.Distinct()]);
    }

    [GeneratedRegex("\"(\\\\.|[^\"])*\"")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Matchers();

    [GeneratedRegex(@"\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)")]
    private static partial Regex Groupings();

    [GeneratedRegex(@"\[[^\]]*\]")]
    private static partial Regex Ranges();

    [GeneratedRegex(@"\boffset\s+\w+")]
    private static partial Regex Offsets();

    [GeneratedRegex(@"(?<![\w:.])[a-zA-Z_:][a-zA-Z0-9_:]*")]
    private static partial Regex Name();
}

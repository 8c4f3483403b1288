using OrleansAlign.Models.Text;

namespace OrleansAlign.Core.Judging;

/// <summary>A text with named holes, filled in one pass: what goes into a hole is content and is never looked at for further holes.</summary>
internal static class PlaceholderTemplate
{
    /// <summary>What is wrong with the template: each name must stand in it as <c>{name}</c> exactly once.</summary>
    public static IEnumerable<string> Problems(string template, string what, params string[] names)
    {
        foreach (string name in names)
        {
            int count = template.Split(Hole(name)).Length - 1;
            if (count != 1) yield return $"{what} contains {Hole(name)} {count} times; it must stand there exactly once";
        }
    }

    /// <summary>Fills every hole; the rest is frame.</summary>
    public static MarkedText Fill(string template, params (string Name, string Content)[] holes)
    {
        var result = new MarkedText.Builder();
        int position = 0;
        foreach ((int at, string name, string content) in holes
            .Select(h => (At: template.IndexOf(Hole(h.Name), StringComparison.Ordinal), h.Name, h.Content)).OrderBy(h => h.At))
        {
            result.Append(template[position..at], isContent: false).Append(content, isContent: true);
            position = at + Hole(name).Length;
        }

        return result.Append(template[position..], isContent: false).Build();
    }

    private static string Hole(string name) => "{" + name + "}";
}

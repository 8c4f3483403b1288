using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace OrleansAlign.Core.Recipes;

/// <summary>A key whose value differs between two recipes; comments, order and layout are no difference, nor is the spelling of a number.</summary>
/// <param name="Key">The key's full name, as in <c>stages[0].sft.learning-rate</c>.</param>
/// <param name="Old">The value in the first recipe; null: the key is not there.</param>
/// <param name="New">The value in the second recipe; null: the key is not there.</param>
public sealed record RecipeDifference(string Key, string? Old, string? New)
{
    /// <summary>Most differences that a message lists, and most characters of a value in it.</summary>
    private const int Listed = 6, Shown = 60;

    /// <summary>The differences between two recipes, in the order of the first, then those that only the second has.</summary>
    /// <param name="before">The first recipe's YAML, valid.</param>
    /// <param name="after">The second recipe's YAML.</param>
    /// <param name="name">Name of the second recipe in messages.</param>
    /// <exception cref="RecipeException">The second recipe is not valid YAML.</exception>
    public static IReadOnlyList<RecipeDifference> Between(string before, string after, string name)
    {
        Dictionary<string, string> old = Values(before, "recipe"), now = Values(after, name);
        return
        [
            .. old.Where(o => !AreEqual(o.Value, now.GetValueOrDefault(o.Key))).Select(o => new RecipeDifference(o.Key, o.Value, now.GetValueOrDefault(o.Key))),
            .. now.Where(n => !old.ContainsKey(n.Key)).Select(n => new RecipeDifference(n.Key, null, n.Value)),
        ];
    }

    /// <summary>Differences in words as one line; the first few of many.</summary>
    public static string Line(IReadOnlyList<string> differences) =>
        string.Join("; ", differences.Take(Listed)) + (differences.Count > Listed ? $"; and {differences.Count - Listed} more" : "");

    /// <summary>Key, old value → new value.</summary>
    public override string ToString() => $"{Key}: {Text(Old)} → {Text(New)}";

    private static string Text(string? value)
    {
        if (value is null) return "(left out)";
        string line = value.ReplaceLineEndings("⏎");
        return line.Length == 0 ? "\"\"" : line.Length <= Shown ? line : $"{line[..Shown]}…";
    }

    private static bool AreEqual(string a, string? b) => a == b
        || (double.TryParse(a, NumberStyles.Float, CultureInfo.InvariantCulture, out double one)
            && double.TryParse(b, NumberStyles.Float, CultureInfo.InvariantCulture, out double two) && one.Equals(two));

    /// <summary>Every scalar of a document by its full key; an empty list or mapping counts as a scalar.</summary>
    private static Dictionary<string, string> Values(string yaml, string name)
    {
        Dictionary<string, string> values = [];
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(yaml));
        }
        catch (YamlException error)
        {
            throw new RecipeException([$"{name}:{error.Start.Line}: not valid YAML: {error.Message}"]);
        }

        if (stream.Documents.Count > 0) Add("", stream.Documents[0].RootNode);
        return values;

        void Add(string key, YamlNode node)
        {
            switch (node)
            {
                case YamlMappingNode { Children.Count: > 0 } mapping:
                    foreach ((YamlNode child, YamlNode value) in mapping.Children) Add(key.Length == 0 ? $"{child}" : $"{key}.{child}", value);
                    break;
                case YamlSequenceNode { Children.Count: > 0 } list:
                    for (int i = 0; i < list.Children.Count; i++) Add($"{key}[{i}]", list.Children[i]);
                    break;
                default:
                    values[key] = node switch { YamlScalarNode scalar => scalar.Value ?? "", YamlSequenceNode => "[]", _ => "{}" };
                    break;
            }
        }
    }
}

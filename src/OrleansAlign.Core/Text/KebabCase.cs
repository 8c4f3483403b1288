using System.Text;

namespace OrleansAlign.Core.Text;

/// <summary>Names as recipes and commands write them: <c>LearningRate</c> is <c>learning-rate</c>.</summary>
internal static class KebabCase
{
    /// <summary>A PascalCase name in kebab-case; a run of capitals is one word.</summary>
    public static string Of(string name)
    {
        var text = new StringBuilder();
        for (int i = 0; i < name.Length; i++)
        {
            if (i > 0 && char.IsUpper(name[i]) && !char.IsUpper(name[i - 1])) text.Append('-');
            text.Append(char.ToLowerInvariant(name[i]));
        }

        return text.ToString();
    }

    /// <summary>The names of an enumeration's values, in their order.</summary>
    public static IReadOnlyList<string> NamesOf<T>()
        where T : struct, Enum => [.. Enum.GetNames<T>().Select(Of)];
}

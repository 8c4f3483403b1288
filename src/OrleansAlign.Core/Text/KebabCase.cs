using System.Text;

namespace OrleansAlign.Core.Text;

/// <summary>Names as recipes and commands write them: <c>LearningRate</c> is <c>learning-rate</c>.</summary>
public static class KebabCase
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

    /// <summary>An enumeration's value in kebab-case.</summary>
    public static string Name<T>(this T value)
        where T : struct, Enum => Of(value.ToString());

    /// <summary>The names of an enumeration's values, in their order, in one text: "a, b, c".</summary>
    public static string NamesOf<T>()
        where T : struct, Enum => string.Join(", ", Enum.GetNames<T>().Select(Of));
}

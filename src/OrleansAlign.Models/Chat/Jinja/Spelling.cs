namespace OrleansAlign.Models.Chat.Jinja;

/// <summary>Finds the name that was meant.</summary>
internal static class Spelling
{
    private const int Longest = 64;

    /// <summary><c>; the nearest known one is 'x'</c>, by Levenshtein's distance, the first in order on a tie.</summary>
    public static string Suggest(string name, IEnumerable<string> known)
    {
        string cut = name.Length > Longest ? name[..Longest] : name;
        string? nearest = known.Order(StringComparer.Ordinal).MinBy(candidate => Distance(cut, candidate));
        return nearest is null ? "" : $"; the nearest known one is '{nearest}'";
    }

    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}

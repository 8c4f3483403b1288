namespace OrleansAlign.Models.Text;

/// <summary>Finds the known name that an unknown one probably stands for.</summary>
public static class Spelling
{
    /// <summary>Characters of a name that are compared; a longer one is cut, so that a hostile name costs little.</summary>
    private const int Longest = 64;

    /// <summary>The known name nearest to <paramref name="name"/> by Levenshtein's distance, the first in order on a tie; null if none is known.</summary>
    public static (string Name, int Distance)? Nearest(string name, IEnumerable<string> known)
    {
        string cut = name.Length > Longest ? name[..Longest] : name;
        (string Name, int Distance)? best = null;
        foreach (string candidate in known.Order(StringComparer.Ordinal))
        {
            int distance = Distance(cut, candidate);
            if (best is not { } so || distance < so.Distance) best = (candidate, distance);
        }

        return best;
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

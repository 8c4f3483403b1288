using System.Text;
using OrleansAlign.Models.Text;

namespace OrleansAlign.Models.Chat.Jinja;

/// <summary>Python's operations on texts, carried out so that every character keeps its mark.</summary>
/// <remarks>Indices are Python's, in code points; texts are UTF-16 inside.</remarks>
internal static class MarkedStrings
{
    private const int LongNeedle = 16;

    /// <summary>Number of code points.</summary>
    public static int Length(string text)
    {
        int count = text.Length;
        for (int i = 0; i + 1 < text.Length; i++)
            if (char.IsSurrogatePair(text[i], text[i + 1])) count--;
        return count;
    }

    /// <summary>Where each code point starts, and the end; null when every code unit is one.</summary>
    public static int[]? Starts(string text)
    {
        int length = Length(text);
        if (length == text.Length) return null;
        int[] starts = new int[length + 1];
        for (int i = 0, at = 0; i < length; i++)
        {
            starts[i] = at;
            at += at + 1 < text.Length && char.IsSurrogatePair(text[at], text[at + 1]) ? 2 : 1;
        }

        starts[length] = text.Length;
        return starts;
    }

    /// <summary>Every code point as a text of its own.</summary>
    public static List<Value> Split(MarkedText text, Budget budget)
    {
        budget.Spend(2L * text.Text.Length);
        int[]? starts = Starts(text.Text);
        int count = starts is null ? text.Text.Length : starts.Length - 1;
        var pieces = new List<Value>(count);
        for (int i = 0; i < count; i++)
            pieces.Add(new StringValue(text.Slice(starts?[i] ?? i, starts?[i + 1] ?? (i + 1))));
        return pieces;
    }

    /// <summary>Code points start, start + step, … below <paramref name="count"/> of them.</summary>
    public static MarkedText Slice(MarkedText text, int start, int step, int count, Budget budget)
    {
        budget.Make(text.Text.Length);
        int[]? starts = Starts(text.Text);
        int At(int index) => starts is null ? index : starts[index];
        if (step == 1) return text.Slice(At(start), At(start + count));
        var builder = new MarkedText.Builder();
        for (int i = 0, index = start; i < count; i++, index += step) builder.Append(text, At(index), At(index + 1));
        return builder.Build();
    }

    public static MarkedText Concat(MarkedText a, MarkedText b, Budget budget)
    {
        if (a.Text.Length == 0) return b;
        if (b.Text.Length == 0) return a;
        budget.Make((long)a.Text.Length + b.Text.Length);
        return new MarkedText.Builder().Append(a).Append(b).Build();
    }

    public static MarkedText Repeat(MarkedText text, int count, Budget budget)
    {
        if (count <= 0 || text.Text.Length == 0) return MarkedText.OfFrame("");
        budget.Make((long)text.Text.Length * count);
        var builder = new MarkedText.Builder();
        for (int i = 0; i < count; i++) builder.Append(text);
        return builder.Build();
    }

    /// <summary>Without white space, or any of <paramref name="characters"/>, at the sides asked for.</summary>
    public static MarkedText Strip(MarkedText text, string? characters, bool left, bool right)
    {
        bool Goes(char c) => characters is null ? Characters.IsSpace(c) : characters.Contains(c, StringComparison.Ordinal);
        int start = 0, end = text.Text.Length;
        while (left && start < end && Goes(text.Text[start])) start++;
        while (right && end > start && Goes(text.Text[end - 1])) end--;
        return text.Slice(start, end);
    }

    /// <summary>
    /// First place of <paramref name="needle"/> in [from, to); −1 when there is none. Never takes more than a few steps a character.
    /// </summary>
    public static int Find(string text, string needle, int from, int to, Budget budget)
    {
        int place = needle.Length <= LongNeedle
            ? text.IndexOf(needle, from, to - from, StringComparison.Ordinal)
            : FindLong(text, needle, from, to, budget);
        budget.Spend(1 + (((place < 0 ? to : place) - from) / LongNeedle));
        return place;
    }

    /// <summary>
    /// Every place of <paramref name="needle"/>, which is not empty, left to right without overlap, at most <paramref name="most"/>.
    /// </summary>
    public static List<int> FindAll(string text, string needle, int most, Budget budget)
    {
        var places = new List<int>();
        for (int from = 0; places.Count < most; from = places[^1] + needle.Length)
        {
            int place = Find(text, needle, from, text.Length, budget);
            if (place < 0) break;
            places.Add(place);
        }

        return places;
    }

    /// <summary>Knuth, Morris and Pratt's search: linear where the vectorised one may take length × needle.</summary>
    private static int FindLong(string text, string needle, int from, int to, Budget budget)
    {
        if (needle.Length > to - from) return -1;
        budget.Make(needle.Length);
        int[] border = new int[needle.Length];
        for (int i = 1, k = 0; i < needle.Length; i++)
        {
            while (k > 0 && needle[i] != needle[k]) k = border[k - 1];
            if (needle[i] == needle[k]) k++;
            border[i] = k;
        }

        for (int i = from, k = 0; i < to; i++)
        {
            while (k > 0 && text[i] != needle[k]) k = border[k - 1];
            if (text[i] == needle[k]) k++;
            if (k == needle.Length) return i - k + 1;
        }

        return -1;
    }

    /// <summary>With the first <paramref name="most"/> places of <paramref name="old"/> replaced; the inserted text keeps its own marks.</summary>
    public static MarkedText Replace(MarkedText text, string old, MarkedText replacement, int most, Budget budget)
    {
        List<int> places = old.Length > 0 ? FindAll(text.Text, old, most, budget) : [.. Gaps(text.Text, budget).Take(most)];
        if (places.Count == 0) return text;
        budget.Make(text.Text.Length + ((long)places.Count * (replacement.Text.Length - old.Length)));
        var builder = new MarkedText.Builder();
        int from = 0;
        foreach (int place in places)
        {
            builder.Append(text, from, place).Append(replacement);
            from = place + old.Length;
        }

        return builder.Append(text, from, text.Text.Length).Build();
    }

    /// <summary>Every character mapped on its own, its mark kept.</summary>
    public static MarkedText Map(MarkedText text, Func<string, string> map, Budget budget)
    {
        budget.Make(text.Text.Length);
        var builder = new MarkedText.Builder();
        int from = 0;
        foreach (TextSpan span in text.Content)
        {
            builder.Append(map(text.Text[from..span.Start]), isContent: false).Append(map(text.Text[span.Start..span.End]), isContent: true);
            from = span.End;
        }

        return builder.Append(map(text.Text[from..]), isContent: false).Build();
    }

    public static MarkedText Upper(MarkedText text, Budget budget) =>
        Map(text, piece => piece.ToUpperInvariant().Replace("ß", "SS", StringComparison.Ordinal), budget);

    public static MarkedText Lower(MarkedText text, Budget budget) => Map(text, piece => piece.ToLowerInvariant(), budget);

    /// <summary>The first character upper, the others lower.</summary>
    public static MarkedText Capitalize(MarkedText text, Budget budget)
    {
        int head = text.Text.Length > 1 && char.IsSurrogatePair(text.Text[0], text.Text[1]) ? 2 : Math.Min(1, text.Text.Length);
        return Concat(Upper(text.Slice(0, head), budget), Lower(text.Slice(head, text.Text.Length), budget), budget);
    }

    /// <summary>A capital after each character that <paramref name="separates"/>, small letters elsewhere.</summary>
    public static MarkedText Title(MarkedText text, Func<Rune, bool> separates, Budget budget)
    {
        budget.Make(text.Text.Length);
        budget.Spend(text.Text.Length);
        var builder = new MarkedText.Builder();
        bool starts = true;
        int at = 0;
        foreach (Rune rune in text.Text.EnumerateRunes())
        {
            Rune cased = starts ? Rune.ToUpperInvariant(rune) : Rune.ToLowerInvariant(rune);
            builder.Append(cased.ToString(), text.IsContent(at));
            starts = separates(rune);
            at = Math.Min(at + rune.Utf16SequenceLength, text.Text.Length - 1);
        }

        return builder.Build();
    }

    /// <summary>Places between code points, both ends included.</summary>
    private static IEnumerable<int> Gaps(string text, Budget budget)
    {
        budget.Spend(text.Length);
        int[]? starts = Starts(text);
        return starts ?? Enumerable.Range(0, text.Length + 1);
    }
}

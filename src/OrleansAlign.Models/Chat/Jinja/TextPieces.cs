using OrleansAlign.Models.Text;

namespace OrleansAlign.Models.Chat.Jinja;

/// <summary>Python's ways of cutting a text to pieces, which keep their marks.</summary>
internal static class TextPieces
{
    /// <summary><c>split(separator, most)</c>; a null separator is any run of white space, and no piece is then empty.</summary>
    public static List<Value> Split(MarkedText text, string? separator, int most, Budget budget)
    {
        if (separator is null) return SplitWords(text, most, budget);
        return Cut(text, MarkedStrings.FindAll(text.Text, NotEmpty(separator), most < 0 ? int.MaxValue : most, budget), separator.Length, budget);
    }

    /// <summary><c>rsplit(separator, most)</c>: as <see cref="Split"/>, cutting from the right.</summary>
    public static List<Value> SplitFromRight(MarkedText text, string? separator, int most, Budget budget)
    {
        if (most < 0) return Split(text, separator, most, budget);
        if (separator is null) return SplitWordsFromRight(text, most, budget);
        NotEmpty(separator);
        budget.Make(text.Text.Length);
        budget.Spend((long)text.Text.Length * separator.Length / 16);
        var places = new List<int>();
        for (int end = text.Text.Length; places.Count < most;)
        {
            int place = end < separator.Length ? -1 : text.Text.AsSpan(0, end).LastIndexOf(separator, StringComparison.Ordinal);
            if (place < 0) break;
            budget.Step();
            places.Add(place);
            end = place;
        }

        places.Reverse();
        return Cut(text, places, separator.Length, budget);
    }

    /// <summary><c>splitlines()</c>; without the line ends unless <paramref name="keepEnds"/>.</summary>
    public static List<Value> Lines(MarkedText text, bool keepEnds, Budget budget)
    {
        budget.Make(text.Text.Length);
        var lines = new List<Value>();
        int start = 0;
        for (int i = 0; i < text.Text.Length; i++)
        {
            if (!Characters.IsLineEnd(text.Text[i])) continue;
            int next = text.Text[i] == '\r' && i + 1 < text.Text.Length && text.Text[i + 1] == '\n' ? i + 2 : i + 1;
            lines.Add(Piece(text, start, keepEnds ? next : i, budget));
            start = next;
            i = next - 1;
        }

        if (start < text.Text.Length) lines.Add(Piece(text, start, text.Text.Length, budget));
        return lines;
    }

    /// <summary><c>partition(separator)</c>, or <c>rpartition</c>.</summary>
    public static List<Value> Partition(MarkedText text, MarkedText separator, bool fromRight, Budget budget)
    {
        NotEmpty(separator.Text);
        budget.Make(text.Text.Length);
        List<Value> pieces = fromRight ? SplitFromRight(text, separator.Text, 1, budget) : Split(text, separator.Text, 1, budget);
        if (pieces.Count == 1)
            return fromRight ? [StringValue.Empty, StringValue.Empty, pieces[0]] : [pieces[0], StringValue.Empty, StringValue.Empty];
        int place = ((StringValue)pieces[0]).Text.Length;
        return [pieces[0], new StringValue(text.Slice(place, place + separator.Text.Length)), pieces[1]];
    }

    private static string NotEmpty(string separator) =>
        separator.Length > 0 ? separator : throw new TemplateFault("a text cannot be split at an empty separator.");

    private static StringValue Piece(MarkedText text, int start, int end, Budget budget)
    {
        budget.Spend(2);
        return new StringValue(text.Slice(start, end));
    }

    private static List<Value> Cut(MarkedText text, List<int> places, int width, Budget budget)
    {
        budget.Make(text.Text.Length);
        var pieces = new List<Value>(places.Count + 1);
        int from = 0;
        foreach (int place in places)
        {
            pieces.Add(Piece(text, from, place, budget));
            from = place + width;
        }

        pieces.Add(Piece(text, from, text.Text.Length, budget));
        return pieces;
    }

    private static List<Value> SplitWords(MarkedText text, int most, Budget budget)
    {
        budget.Make(text.Text.Length);
        var words = new List<Value>();
        string all = text.Text;
        int at = 0;
        while (true)
        {
            while (at < all.Length && Characters.IsSpace(all[at])) at++;
            if (at == all.Length) return words;
            int start = at;
            if (words.Count == most)
            {
                words.Add(Piece(text, start, all.Length, budget));
                return words;
            }

            while (at < all.Length && !Characters.IsSpace(all[at])) at++;
            words.Add(Piece(text, start, at, budget));
        }
    }

    private static List<Value> SplitWordsFromRight(MarkedText text, int most, Budget budget)
    {
        budget.Make(text.Text.Length);
        var words = new List<Value>();
        string all = text.Text;
        int end = all.Length;
        while (true)
        {
            while (end > 0 && Characters.IsSpace(all[end - 1])) end--;
            if (end == 0) break;
            int start = end;
            if (words.Count == most)
            {
                words.Add(Piece(text, 0, end, budget));
                break;
            }

            while (start > 0 && !Characters.IsSpace(all[start - 1])) start--;
            words.Add(Piece(text, start, end, budget));
            end = start;
        }

        words.Reverse();
        return words;
    }
}

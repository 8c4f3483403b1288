using System.Text;

namespace OrleansAlign.Models.Text;

/// <summary>A text that knows which of its characters came from outside: message content, as opposed to the template's own frame.</summary>
/// <remarks>
/// Encoding a marked text never turns content into a control token, so that neither a prompt nor a candidate can forge the frame
/// that its judge reads. Spans are in UTF-16 code units, ascending, non-empty and disjoint.
/// </remarks>
public sealed class MarkedText
{
    private MarkedText(string text, IReadOnlyList<TextSpan> content) => (Text, Content) = (text, content);

    /// <summary>The whole text.</summary>
    public string Text { get; }

    /// <summary>The spans that came from outside.</summary>
    public IReadOnlyList<TextSpan> Content { get; }

    /// <summary>A text that is content from end to end.</summary>
    public static MarkedText OfContent(string text) => new(text, text.Length == 0 ? [] : [new TextSpan(0, text.Length)]);

    /// <summary>A text that is frame from end to end.</summary>
    public static MarkedText OfFrame(string text) => new(text, []);

    /// <summary>Whether the character at <paramref name="index"/> came from outside.</summary>
    public bool IsContent(int index) => Overlaps(index, index + 1);

    /// <summary>Whether any character of [<paramref name="start"/>, <paramref name="end"/>) came from outside.</summary>
    public bool Overlaps(int start, int end)
    {
        int first = FirstSpanAfter(start);
        return first < Content.Count && Content[first].Start < end;
    }

    /// <summary>The characters of [<paramref name="start"/>, <paramref name="end"/>), each with its mark.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range does not lie in the text.</exception>
    public MarkedText Slice(int start, int end)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfLessThan(end, start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(end, Text.Length);
        return start == 0 && end == Text.Length ? this : new Builder().Append(this, start, end).Build();
    }

    /// <summary>The stretches that are all content or all frame, in order; together they are the whole text, and none is empty.</summary>
    public IEnumerable<(TextSpan Span, bool IsContent)> Runs()
    {
        int start = 0;
        foreach (TextSpan span in Content)
        {
            if (span.Start > start) yield return (new TextSpan(start, span.Start), false);
            yield return (span, true);
            start = span.End;
        }

        if (start < Text.Length) yield return (new TextSpan(start, Text.Length), false);
    }

    /// <inheritdoc/>
    public override string ToString() => Text;

    /// <summary>Index of the first span that ends after <paramref name="start"/>; the number of spans when none does.</summary>
    private int FirstSpanAfter(int start)
    {
        int low = 0, high = Content.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (Content[middle].End <= start) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    /// <summary>Builds a marked text piece by piece; adjoining content becomes one span.</summary>
    public sealed class Builder
    {
        private readonly StringBuilder text = new();
        private readonly List<TextSpan> content = [];

        /// <summary>Number of characters so far.</summary>
        public int Length => text.Length;

        /// <summary>Appends a piece, marked as content or as frame.</summary>
        public Builder Append(string piece, bool isContent) => Append(piece.AsSpan(), isContent);

        /// <summary>Appends a piece, marked as content or as frame.</summary>
        public Builder Append(ReadOnlySpan<char> piece, bool isContent)
        {
            if (isContent) Mark(text.Length, text.Length + piece.Length);
            text.Append(piece);
            return this;
        }

        /// <summary>Appends a marked text with its marks.</summary>
        public Builder Append(MarkedText piece) => Append(piece, 0, piece.Text.Length);

        /// <summary>Appends [<paramref name="start"/>, <paramref name="end"/>) of a marked text with its marks.</summary>
        public Builder Append(MarkedText source, int start, int end)
        {
            int shift = text.Length - start;
            text.Append(source.Text, start, end - start);
            for (int i = source.FirstSpanAfter(start); i < source.Content.Count && source.Content[i].Start < end; i++)
            {
                TextSpan span = source.Content[i];
                Mark(Math.Max(span.Start, start) + shift, Math.Min(span.End, end) + shift);
            }

            return this;
        }

        /// <summary>The text as built so far.</summary>
        public MarkedText Build() => new(text.ToString(), [.. content]);

        private void Mark(int start, int end)
        {
            if (end == start) return;
            if (content.Count > 0 && content[^1].End == start) content[^1] = new TextSpan(content[^1].Start, end);
            else content.Add(new TextSpan(start, end));
        }
    }
}

/// <summary>A half-open range [<paramref name="Start"/>, <paramref name="End"/>) of UTF-16 code units.</summary>
public readonly record struct TextSpan(int Start, int End)
{
    /// <summary>Number of code units.</summary>
    public int Length => End - Start;
}

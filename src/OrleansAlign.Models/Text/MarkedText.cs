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
        int low = 0, high = Content.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (Content[middle].End <= start) low = middle + 1;
            else high = middle;
        }

        return low < Content.Count && Content[low].Start < end;
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

    /// <summary>The part [<paramref name="start"/>, <paramref name="end"/>) of the text, with its marks.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The part does not lie within the text.</exception>
    public MarkedText Slice(int start, int end)
    {
        string part = Text[start..end];
        List<TextSpan> content = [];
        foreach (TextSpan span in Content)
        {
            int from = Math.Max(start, span.Start), to = Math.Min(end, span.End);
            if (from < to) content.Add(new TextSpan(from - start, to - start));
        }

        return new MarkedText(part, content);
    }

    /// <inheritdoc/>
    public override string ToString() => Text;

    /// <summary>Builds a marked text piece by piece; adjoining content becomes one span.</summary>
    public sealed class Builder
    {
        private readonly StringBuilder text = new();
        private readonly List<TextSpan> content = [];

        /// <summary>Number of characters so far.</summary>
        public int Length => text.Length;

        /// <summary>Appends a piece, marked as content or as frame.</summary>
        public Builder Append(string piece, bool isContent)
        {
            if (isContent && piece.Length > 0)
            {
                int start = text.Length;
                if (content.Count > 0 && content[^1].End == start)
                {
                    start = content[^1].Start;
                    content.RemoveAt(content.Count - 1);
                }

                content.Add(new TextSpan(start, text.Length + piece.Length));
            }

            text.Append(piece);
            return this;
        }

        /// <summary>Appends a marked text with its marks.</summary>
        public Builder Append(MarkedText piece)
        {
            foreach ((TextSpan span, bool isContent) in piece.Runs()) Append(piece.Text[span.Start..span.End], isContent);
            return this;
        }

        /// <summary>The text as built so far.</summary>
        public MarkedText Build() => new(text.ToString(), [.. content]);
    }
}

/// <summary>A half-open range [<paramref name="Start"/>, <paramref name="End"/>) of UTF-16 code units.</summary>
public readonly record struct TextSpan(int Start, int End)
{
    /// <summary>Number of code units.</summary>
    public int Length => End - Start;
}

using System.Text;
using OrleansAlign.Models.Text;

namespace OrleansAlign.Models.Tokenizers;

/// <summary>One of Unicode's normalisation forms.</summary>
internal sealed class UnicodeNormalizer(NormalizationForm form) : Normalizer
{
    /// <inheritdoc/>
    public override MarkedText Apply(MarkedText text)
    {
        string whole = Normalize(text.Text);
        if (text.Content.Count == 0) return MarkedText.OfFrame(whole);
        MarkedText apart = Apart(text);
        if (apart.Text == whole) return apart;

        // Content composes with the frame beside it. The frame characters that take part in the composition count as content.
        MarkedText widened = Apart(Widen(text));
        return widened.Text == whole ? widened : MarkedText.OfContent(whole);
    }

    private string Normalize(string text) => UnicodeNormalization.Normalize(text, form);

    /// <summary>Each stretch normalised by itself.</summary>
    private MarkedText Apart(MarkedText text)
    {
        MarkedText.Builder normalized = new();
        foreach ((TextSpan span, bool isContent) in text.Runs()) normalized.Append(Normalize(text.Text[span.Start..span.End]), isContent);
        return normalized.Build();
    }

    private MarkedText Widen(MarkedText text)
    {
        MarkedText.Builder widened = new();
        foreach (((int start, int end), bool isContent) in text.Runs())
        {
            int from = start, to = end;
            while (!isContent && start > 0 && from < end && !Separates(text.Text, from)) from++;
            while (!isContent && end < text.Text.Length && to > from && !Separates(text.Text, to)) to--;

            widened.Append(text.Text[start..from], isContent: true);
            widened.Append(text.Text[from..to], isContent);
            widened.Append(text.Text[to..end], isContent: true);
        }

        return widened.Build();
    }

    /// <summary>Whether the texts before and after <paramref name="border"/> normalise independently.</summary>
    private bool Separates(string text, int border)
    {
        // Nothing composes or reorders across an ASCII character.
        int start = border - 1, end = border;
        while (start > 0 && text[start] >= 0x80) start--;
        while (end < text.Length && text[end] >= 0x80) end++;
        return Normalize(text[start..border]) + Normalize(text[border..end]) == Normalize(text[start..end]);
    }
}

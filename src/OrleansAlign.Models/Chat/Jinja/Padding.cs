using OrleansAlign.Models.Text;

namespace OrleansAlign.Models.Chat.Jinja;

/// <summary>Fills a text up to a width.</summary>
internal static class Padding
{
    /// <param name="text">What is padded.</param>
    /// <param name="width">Width in code points; a wider text stays as it is.</param>
    /// <param name="fill">One character.</param>
    /// <param name="align"><c>&lt;</c>, <c>&gt;</c> or <c>^</c>.</param>
    /// <param name="budget">What it may spend.</param>
    public static MarkedText Apply(MarkedText text, int width, MarkedText fill, char align, Budget budget)
    {
        int missing = width - MarkedStrings.Length(text.Text);
        if (missing <= 0) return text;
        int left = align switch { '<' => 0, '>' => missing, _ => missing / 2 };
        MarkedText before = MarkedStrings.Repeat(fill, left, budget), after = MarkedStrings.Repeat(fill, missing - left, budget);
        return MarkedStrings.Concat(MarkedStrings.Concat(before, text, budget), after, budget);
    }
}

using System.Globalization;
using System.Text.RegularExpressions;

namespace OrleansAlign.Core.Judging;

/// <summary>The reason of a verdict on a question that was never asked, since it does not fit the judge's context.</summary>
public static partial class UnaskedQuestion
{
    /// <summary>The reason in words.</summary>
    /// <param name="tokens">Length of the question.</param>
    /// <param name="context">The judge's context.</param>
    public static string Reason(int tokens, int context) =>
        string.Create(CultureInfo.InvariantCulture, $"the question is {tokens} tokens long, the judge's context {context}");

    /// <summary>The question's length, from such a reason; null from any other.</summary>
    public static int? LengthOf(string? reason) =>
        reason is not null && Form().Match(reason) is { Success: true } match ? int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : null;

    [GeneratedRegex("^the question is ([0-9]{1,9}) tokens long, the judge's context [0-9]+$", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}

using System.Globalization;
using System.Text.RegularExpressions;

namespace OrleansAlign.Core.Data.Verification;

/// <summary>The last number in the response lies within the tolerance of the answer. Reads 12, -3.5, 1,234.5, .5 and 1e-3.</summary>
internal sealed partial class NumberVerifier : IVerifier
{
    private readonly double answer;
    private readonly double tolerance;

    public NumberVerifier(double answer, double tolerance)
    {
        if (!(tolerance >= 0)) throw new InvalidDataException($"check: \"tolerance\" is {tolerance}; it must be 0 or more");
        (this.answer, this.tolerance) = (answer, tolerance);
    }

    public VerifierResult Check(Prompt prompt, string response)
    {
        Match? last = null;
        for (Match match = Numbers().Match(response); match.Success; match = match.NextMatch()) last = match;
        if (last is null) return VerifierResult.Failed("the response has no number");
        double number = double.Parse(last.Value.Replace(",", "", StringComparison.Ordinal), NumberStyles.Float, CultureInfo.InvariantCulture);
        return Math.Abs(number - answer) <= tolerance
            ? VerifierResult.Passed
            : VerifierResult.Failed($"the response's last number is {(last.Value.Length <= 40 ? last.Value : last.Value[..40] + "…")}");
    }

    [GeneratedRegex(@"(?:(?<![0-9A-Za-z.])[-+])?(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9,])(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?",
        RegexOptions.CultureInvariant)]
    private static partial Regex Numbers();
}

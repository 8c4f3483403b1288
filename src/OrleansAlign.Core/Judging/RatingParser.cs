using System.Globalization;
using System.Text.RegularExpressions;

namespace OrleansAlign.Core.Judging;

/// <summary>Reads the score out of what a pointwise judge wrote.</summary>
/// <remarks>
/// Give it the judge's own output alone, never the prompt: a response that says "Score: 5" must not rate itself. The last number that follows the
/// word "score" counts ("Score: 4", "**Score:** 4.5/5", "score is 3"); without any, an output that is nothing but a number does. A number
/// that is malformed or off the scale there is unparsable: an earlier one does not stand in for it.
/// </remarks>
public sealed partial record RatingParser
{
    /// <summary>Least score. Default 0.</summary>
    public double Minimum { get; init; }

    /// <summary>Highest score. Default 5.</summary>
    public double Maximum { get; init; } = 5;

    /// <summary>What is wrong with these options; empty if nothing is.</summary>
    public IEnumerable<string> Problems()
    {
        if (!(Minimum < Maximum) || !double.IsFinite(Minimum) || !double.IsFinite(Maximum))
            yield return $"the score's range is {Minimum} to {Maximum}; both must be finite and the first below the second";
    }

    /// <summary>Reads one output.</summary>
    public Rating Parse(string output)
    {
        Match? last = null;
        for (Match match = Labelled().Match(output); match.Success; match = match.NextMatch()) last = match;
        string token = last is null ? output.Trim() : last.Groups["number"].Value;
        Match number = Number().Match(token.TrimEnd('.', ',', ';', ':', '!', ')', ']', '"', '\'', '*', '_', '`', ' '));
        if (!number.Success)
        {
            return new Rating.Unparsable(last is null
                ? "the judgement has no number after the word 'score' and is not a number itself"
                : $"'{Shorten(token)}' after the word 'score' is not a number");
        }

        double value = double.Parse(number.Groups["value"].ValueSpan, NumberStyles.Float, CultureInfo.InvariantCulture);
        if (number.Groups["of"] is { Success: true } of && double.Parse(of.ValueSpan, NumberStyles.Float, CultureInfo.InvariantCulture) != Maximum)
            return new Rating.Unparsable($"the score '{Shorten(token)}' is not out of {Maximum}");
        return value >= Minimum && value <= Maximum
            ? new Rating.Scored(value)
            : new Rating.Unparsable($"the score {Shorten(number.Groups["value"].Value)} is outside {Minimum} to {Maximum}");
    }

    private static string Shorten(string text) => text.Length <= 40 ? text : text[..40] + "…";

    [GeneratedRegex(@"\bscore\b(?:[ \t]+(?:is|of))?[\s:=*_`]*(?<number>[-+]?\.?[0-9][^\s*_`]*(?:[ \t]*(?:/|out of)[ \t]*[0-9.]+)?)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Labelled();

    [GeneratedRegex(@"^(?<value>[-+]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+))(?:[ \t]*(?:/|out of)[ \t]*(?<of>[0-9]+(?:\.[0-9]+)?))?\z",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Number();
}

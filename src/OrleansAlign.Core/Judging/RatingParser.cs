using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace OrleansAlign.Core.Judging;

/// <summary>Reads the rating that a pointwise judge gives as its verdict.</summary>
/// <remarks>
/// Give it the judge's own output alone, never the prompt: a response that says "Score: 5" must not rate itself. What is quoted is not the judge's verdict.
/// A rating that is malformed, off the scale, or one of several alternatives is unreadable: an earlier one does not stand in for it.
/// </remarks>
public sealed partial record RatingParser
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>Least score. Default 0.</summary>
    public double Minimum { get; init; }

    /// <summary>Highest score. Default 5.</summary>
    public double Maximum { get; init; } = 5;

    /// <summary>The form of the verdict. Default <see cref="RatingFormat.Additive"/>.</summary>
    public RatingFormat Format { get; init; }

    /// <summary>
    /// A regular expression (.NET) with one group, which takes the rating: its last match counts. <c>{{ reward }}</c> stands for a group that takes a number,
    /// as in self-rewarding-lm's <c>reward_regex_template</c>. Null, the default: <see cref="Format"/> counts.
    /// </summary>
    public string? Regex { get; init; }

    /// <summary>What is wrong with these options; empty if nothing is.</summary>
    public IEnumerable<string> Problems()
    {
        if (!(Minimum < Maximum) || !double.IsFinite(Minimum) || !double.IsFinite(Maximum))
            yield return $"the score's range is {Minimum} to {Maximum}; both must be finite and the first below the second";
        if (Regex is null) yield break;
        if (Format != RatingFormat.Additive) yield return $"format is {Format} and regex is given; keep one of them";
        if (WhyNot(Regex) is { } why) yield return $"regex is {Regex}, {why}; write the judge's words with one group for the rating, such as Score: ([0-9.]+)";
    }

    /// <summary>Reads one output.</summary>
    public Rating Parse(string output)
    {
        RatingText found;
        try
        {
            found = Regex is { } pattern ? Matched(pattern, output) : RatingForms.Find(Format, output);
        }
        catch (RegexMatchTimeoutException)
        {
            return new Rating.Unparsable($"regex {Regex} took longer than {Patience.TotalSeconds:F0} s over one judgement");
        }

        if (found.Problem is { } problem) return new Rating.Unparsable(problem);
        if (!Number().IsMatch(found.Value)) return new Rating.Unparsable($"'{Shorten(found.Value)}' is not a number");
        double value = Of(found.Value);
        if (found.Whole is { } whole && (!Number().IsMatch(whole) || Of(whole) != Maximum))
            return new Rating.Unparsable($"the score '{Shorten(found.Value)}' of '{Shorten(whole)}' is not out of {Maximum}");
        return value >= Minimum && value <= Maximum
            ? new Rating.Scored(value)
            : new Rating.Unparsable($"the score {Shorten(found.Value)} is outside {Minimum} to {Maximum}");
    }

    private static double Of(string number) => double.Parse(number, NumberStyles.Float, CultureInfo.InvariantCulture);

    private static RatingText Matched(string pattern, string output)
    {
        Match? last = new Regex(Filled(pattern), RegexOptions.CultureInvariant, Patience).Matches(output).LastOrDefault();
        return last is null ? RatingText.None($"nothing in the judgement matches regex {pattern}") : new RatingText(last.Groups[1].Value.Trim(), null);
    }

    private static string Filled(string pattern) => Placeholder().Replace(pattern, "([-+]?[0-9]*\\.?[0-9]+)");

    private static string? WhyNot(string pattern)
    {
        try
        {
            int groups = new Regex(Filled(pattern), RegexOptions.CultureInvariant, Patience).GetGroupNumbers().Length - 1;
            return groups == 1 ? null : $"which has {groups} groups";
        }
        catch (ArgumentException error)
        {
            return $"which is no regular expression ({error.Message.TrimEnd('.')})";
        }
    }

    private static string Shorten(string text) => text.Length <= 40 ? text : text[..40] + "…";

    /// <summary>A judge's id contains these words, so options at their defaults are left out: answers recorded before an option came count on.</summary>
    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append(CultureInfo.InvariantCulture, $"Minimum = {Minimum}, Maximum = {Maximum}");
        if (Format != RatingFormat.Additive) builder.Append(CultureInfo.InvariantCulture, $", Format = {Format}");
        if (Regex is not null) builder.Append(CultureInfo.InvariantCulture, $", Regex = {Regex}");
        return true;
    }

    [GeneratedRegex(@"^[-+]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Number();

    [GeneratedRegex(@"\{\{ *reward *\}\}", RegexOptions.CultureInvariant)]
    private static partial Regex Placeholder();
}

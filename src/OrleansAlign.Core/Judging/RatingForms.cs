using System.Text.Json;
using System.Text.RegularExpressions;

namespace OrleansAlign.Core.Judging;

/// <summary>The forms in which judges write a rating.</summary>
public enum RatingFormat
{
    /// <summary>"Score: N" (Self-Rewarding's additive rubric), or a judgement that is nothing but a number.</summary>
    Additive,

    /// <summary>"[[N]]" (MT-Bench).</summary>
    Bracketed,

    /// <summary>"&lt;score&gt;N&lt;/score&gt;".</summary>
    Tag,

    /// <summary>A JSON object with a field <c>score</c> or <c>rating</c>, a number.</summary>
    Json,

    /// <summary>"N/M", M being the highest score.</summary>
    Fraction,
}

/// <summary>A rating as the judge wrote it.</summary>
/// <param name="Value">The rating.</param>
/// <param name="Whole">The highest score, where the judge names it after the rating; null where it does not.</param>
/// <param name="Problem">Why there is no rating; null if there is one.</param>
internal readonly record struct RatingText(string Value, string? Whole, string? Problem = null)
{
    public static RatingText None(string problem) => new("", null, problem);
}

/// <summary>Finds the rating in each form. Of several verdicts the last counts.</summary>
internal static partial class RatingForms
{
    public static RatingText Find(RatingFormat format, string output) => format switch
    {
        RatingFormat.Bracketed => Last(Bracketed(), output) ?? RatingText.None("the judgement has no rating of the form [[N]]"),
        RatingFormat.Tag => Last(Tag(), output) ?? RatingText.None("the judgement has no rating of the form <score>N</score>"),
        RatingFormat.Fraction => Last(Fraction(), output) ?? RatingText.None("the judgement has no rating of the form N/M"),
        RatingFormat.Json => Json(output) ?? RatingText.None("the judgement has no JSON object with a number named score or rating"),
        _ => Additive(output),
    };

    private static RatingText? Last(Regex form, string output)
    {
        Match? last = form.Matches(output).LastOrDefault(m => !IsQuoted(output, m.Index, m.Index + m.Length));
        return last is null ? null : new RatingText(last.Groups["number"].Value.Trim(), last.Groups["of"] is { Success: true } of ? of.Value.Trim() : null);
    }

    private static RatingText Additive(string output)
    {
        string whole = output.Trim();
        if (Alone().Match(whole) is { Success: true } alone) return Read(alone);

        // A rating after a colon is the verdict; a sentence that speaks of a score is one only where nothing else does.
        Match[] labelled = [.. Labelled().Matches(output).Where(m => !IsOther(m) && !IsQuoted(output, m.Index, End(m)))];
        Match[] stated = [.. labelled.Where(m => m.Groups["sign"].Success)];
        if (stated.Length == 0 && labelled.Select(m => m.Groups["number"].Value).Distinct().Count() > 1)
            return RatingText.None("the judgement speaks of several scores and states none as 'Score: N'");
        if ((stated.Length > 0 ? stated : labelled).LastOrDefault() is not { } last)
            return RatingText.None("the judgement has no number after the word 'score' and is not a number itself");
        string rest = output[End(last)..];
        return Open().IsMatch(rest)
            ? RatingText.None($"what follows '{last.Value.Trim()}' leaves the score open: '{rest.Split('\n')[0].Trim()}'")
            : Read(last);
    }

    private static RatingText Read(Match match) => new(
        Trimmed(match.Groups["number"]), match.Groups["of"] is { Success: true } of ? Trimmed(of) : null);

    /// <summary>A number without the punctuation that follows it.</summary>
    private static string Trimmed(Group number) => number.Value.TrimEnd('.', ',', ';', ':', '!', ')', ']', '"', '\'', '’', '”', '*', '_', '`', ' ');

    /// <summary>Where a labelled rating ends, the punctuation after it not included.</summary>
    private static int End(Match match)
    {
        Group last = match.Groups["of"] is { Success: true } of ? of : match.Groups["number"];
        return last.Index + Trimmed(last).Length;
    }

    /// <summary>Whether a label names another score than the verdict's, such as the highest possible.</summary>
    private static bool IsOther(Match label) => label.Groups["other"].Success;

    /// <summary>Whether a stretch of the text is a quotation: in quotation marks, or on a line that begins with '&gt;'.</summary>
    private static bool IsQuoted(string text, int start, int end)
    {
        int line = text.LastIndexOf('\n', Math.Max(0, start - 1)) + 1;
        if (text.AsSpan(line).TrimStart().StartsWith('>')) return true;
        int quotes = 0, opened = 0;
        foreach (char c in text.AsSpan(0, start))
        {
            if (c == '"') quotes++;
            else if (c is '“' or '«' or '„') opened++;
            else if (c is '”' or '»') opened--;
        }

        if (quotes % 2 == 1 || opened > 0) return true;
        string before = text[line..start].TrimEnd(), after = text[end..].TrimStart('.', '!', ',', ' ');
        return before.Length > 0 && "'‘`".Contains(before[^1], StringComparison.Ordinal)
            && after.Length > 0 && "'’`".Contains(after[0], StringComparison.Ordinal);
    }

    private static RatingText? Json(string output)
    {
        for (int at = output.LastIndexOf('{'); at >= 0; at = at == 0 ? -1 : output.LastIndexOf('{', at - 1))
        {
            var reader = new Utf8JsonReader(System.Text.Encoding.UTF8.GetBytes(output[at..]));
            try
            {
                if (!JsonDocument.TryParseValue(ref reader, out JsonDocument? document)) continue;
                using (document)
                {
                    foreach (JsonProperty field in document.RootElement.EnumerateObject().Where(
                        f => f.Name.Equals("score", StringComparison.OrdinalIgnoreCase) || f.Name.Equals("rating", StringComparison.OrdinalIgnoreCase)))
                    {
                        return field.Value.ValueKind == JsonValueKind.Number
                            ? new RatingText(field.Value.GetRawText(), null)
                            : RatingText.None($"the judgement's {field.Name} is {field.Value.GetRawText()}, which is not a number");
                    }
                }
            }
            catch (JsonException)
            {
                // A brace in the judge's prose; an earlier one may begin an object.
            }
        }

        return null;
    }

    [GeneratedRegex(
        @"(?<other>\b(?:max|maximum|minimum|highest|lowest|perfect|full|possible|best|top|previous|expected|average|mean)\b[ \t*_]*)?"
        + @"(?<![\w-])score\b[*_`]*(?:(?<sign>[ \t]*[:=])|[ \t]+(?:is|of)\b|(?=[ \t]))[\s*_`:=]*"
        + @"(?<number>[-+]?\.?[0-9][^\s*_`/]*)(?:[*_`]*[ \t]*(?:/|out of|of)[ \t]*[*_`]*(?<of>[0-9][0-9.]*))?",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Labelled();

    [GeneratedRegex(
        @"\A[*_`""']*(?<number>[-+]?\.?[0-9][^\s*_`/]*)(?:[*_`]*[ \t]*(?:/|out of|of)[ \t]*[*_`]*(?<of>[0-9][0-9.]*))?[*_`""'.!]*\z",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Alone();

    /// <summary>What may not follow a rating on its line: an alternative, a unit, an operation, or another number of the same sentence.</summary>
    [GeneratedRegex(
        @"\A[*_`]*[ \t]*(?:%|\+|=|×|(?:or|to|and|–|-)[ \t]*(?:maybe |perhaps |even )?[0-9]|[^\n.!?;()]*[0-9])",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Open();

    [GeneratedRegex(@"\[\[(?<number>[^\[\]]*)\]\]", RegexOptions.CultureInvariant)]
    private static partial Regex Bracketed();

    [GeneratedRegex(@"<score>(?<number>[^<>/]*)(?:/(?<of>[^<>/]*))?</score>", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Tag();

    [GeneratedRegex(@"(?<![\w./])(?<number>[-+]?[0-9]+(?:\.[0-9]+)?)[ \t]*/[ \t]*(?<of>[0-9]+(?:\.[0-9]+)?)(?![\w/%]|\.[0-9])", RegexOptions.CultureInvariant)]
    private static partial Regex Fraction();
}

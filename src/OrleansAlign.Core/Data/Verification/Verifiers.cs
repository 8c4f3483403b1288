using System.Globalization;
using System.Text.RegularExpressions;

namespace OrleansAlign.Core.Data.Verification;

/// <summary>What a verifier found.</summary>
/// <param name="Pass">Whether the response is right.</param>
/// <param name="Score">How right; 1 if it passes. Finite, higher is better, comparable among responses to one prompt.</param>
public readonly record struct VerifierResult(bool Pass, double Score);

/// <summary>Rules that check responses without a model. A prompt's "check" object names one by its "kind". Deterministic.</summary>
public static partial class Verifiers
{
    private static readonly SortedDictionary<string, Func<CheckSettings, Func<string, VerifierResult>>> Kinds = new(StringComparer.Ordinal)
    {
        ["exact"] = c => Exact(c.Text("answer"), Comparison(c)),
        ["contains"] = c => Contains(c.Texts("answer"), Comparison(c)),
        ["regex"] = c => Matches(c.Text("pattern"), c.Flag("ignore_case")),
        ["number"] = c => LastNumber(c.Number("answer"), c.Number("tolerance", 1e-6)),
        ["list"] = c => ItemsOf(c.Count("count"), c.Texts("allowed"), c.Text("separator", ", ")),
    };

    /// <summary>Why answers to these prompts cannot all be checked: one message per faulty prompt.</summary>
    public static IEnumerable<string> Problems(IEnumerable<Prompt> prompts)
    {
        foreach (Prompt prompt in prompts)
        {
            string? problem = null;
            try
            {
                Create(prompt);
            }
            catch (InvalidDataException broken)
            {
                problem = broken.Message;
            }

            if (problem is not null) yield return $"prompt {prompt.Id}: {problem}";
        }
    }

    /// <summary>Checks a response by the prompt's own check.</summary>
    /// <exception cref="InvalidDataException">The prompt has no check or a faulty one; <see cref="Problems"/> says so beforehand.</exception>
    public static VerifierResult Check(Prompt prompt, string response) => Create(prompt)(response);

    private static Func<string, VerifierResult> Create(Prompt prompt)
    {
        if (prompt.Check is not { } check) throw new InvalidDataException("the row has no \"check\" and no \"answer\"; a verifier needs one");
        var settings = new CheckSettings(check);
        string kind = settings.Text("kind");
        return Kinds.TryGetValue(kind, out Func<CheckSettings, Func<string, VerifierResult>>? make)
            ? make(settings)
            : throw new InvalidDataException($"check: \"kind\" is '{kind}'; it must be one of {string.Join(", ", Kinds.Keys)}");
    }

    private static StringComparison Comparison(CheckSettings check) =>
        check.Flag("ignore_case") ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;

    private static VerifierResult Whether(bool pass) => new(pass, pass ? 1 : 0);

    /// <summary>The response, without white space around it, is the answer.</summary>
    private static Func<string, VerifierResult> Exact(string answer, StringComparison comparison) =>
        response => Whether(string.Equals(response.Trim(), answer.Trim(), comparison));

    /// <summary>The response contains every one of the texts; the score is the share it contains.</summary>
    private static Func<string, VerifierResult> Contains(IReadOnlyList<string> texts, StringComparison comparison) => response =>
    {
        int found = texts.Count(t => response.Contains(t, comparison));
        return new VerifierResult(found == texts.Count, (double)found / texts.Count);
    };

    /// <summary>The pattern matches somewhere in the response.</summary>
    /// <remarks>Matched in time linear in the response, so that no response can stall a run and none is judged by a clock; the time-out is a
    /// last resort.</remarks>
    private static Func<string, VerifierResult> Matches(string pattern, bool ignoreCase)
    {
        RegexOptions options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;
        if (ignoreCase) options |= RegexOptions.IgnoreCase;
        Regex regex;
        try
        {
            regex = new Regex(pattern, options, TimeSpan.FromSeconds(10));
        }
        catch (NotSupportedException)
        {
            throw new InvalidDataException("check: \"pattern\" uses a look-around, a back-reference or an atomic group; write it without");
        }
        catch (ArgumentException broken)
        {
            throw new InvalidDataException($"check: \"pattern\" is no regular expression: {broken.Message}", broken);
        }

        return response =>
        {
            try
            {
                return Whether(regex.IsMatch(response));
            }
            catch (RegexMatchTimeoutException)
            {
                return Whether(false);
            }
        };
    }

    /// <summary>The last number in the response lies within the tolerance of the answer. Reads 12, -3.5, 1,234.5, .5 and 1e-3.</summary>
    private static Func<string, VerifierResult> LastNumber(double answer, double tolerance)
    {
        if (!(tolerance >= 0)) throw new InvalidDataException($"check: \"tolerance\" is {tolerance}; it must be 0 or more");
        return response => Whether(Numbers().Matches(response).LastOrDefault() is { } last
            && Math.Abs(double.Parse(last.Value.Replace(",", ""), NumberStyles.Float, CultureInfo.InvariantCulture) - answer) <= tolerance);
    }

    /// <summary>The response is a list of exactly n distinct items, each one of those allowed, separated as the check says.</summary>
    /// <remarks>Score: (good − bad) / n, where the first n distinct allowed items are good and everything else is bad; below 0 if bad
    /// outweighs good.</remarks>
    private static Func<string, VerifierResult> ItemsOf(int count, IReadOnlyList<string> texts, string separator)
    {
        var allowed = new HashSet<string>(texts, StringComparer.Ordinal);
        if (count > allowed.Count)
            throw new InvalidDataException($"check: \"count\" is {count}, but \"allowed\" has {allowed.Count} different items; allow as many");
        return response =>
        {
            string[] items = response.Trim().Split(separator);
            int good = Math.Min(count, items.Where(allowed.Contains).Distinct(StringComparer.Ordinal).Count()), bad = items.Length - good;
            return new VerifierResult(good == count && bad == 0, (double)(good - bad) / count);
        };
    }

    [GeneratedRegex(@"(?:(?<![0-9A-Za-z.])[-+])?(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9,])(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?",
        RegexOptions.CultureInvariant)]
    private static partial Regex Numbers();
}

using System.Text.RegularExpressions;

namespace OrleansAlign.Core.Data.Verification;

/// <summary>The response, without white space around it, is the answer.</summary>
internal sealed class ExactVerifier(string answer, bool ignoreCase) : IVerifier
{
    public VerifierResult Check(Prompt prompt, string response) =>
        string.Equals(response.Trim(), answer.Trim(), ignoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal)
            ? VerifierResult.Passed
            : VerifierResult.Failed("the response is not the answer");
}

/// <summary>The response contains every one of the texts; the score is the share it contains.</summary>
internal sealed class ContainsVerifier(IReadOnlyList<string> texts, bool ignoreCase) : IVerifier
{
    public VerifierResult Check(Prompt prompt, string response)
    {
        StringComparison comparison = ignoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        int found = texts.Count(t => response.Contains(t, comparison));
        return found == texts.Count
            ? VerifierResult.Passed
            : new VerifierResult(false, (double)found / texts.Count, $"{texts.Count - found} of {texts.Count} texts are missing");
    }
}

/// <summary>The pattern matches somewhere in the response.</summary>
/// <remarks>Matched in time linear in the response, so that no response can stall a run and none is judged by a clock; the time-out is a
/// last resort.</remarks>
internal sealed class RegexVerifier : IVerifier
{
    private readonly Regex regex;

    public RegexVerifier(string pattern, bool ignoreCase)
    {
        RegexOptions options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;
        if (ignoreCase) options |= RegexOptions.IgnoreCase;
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
    }

    public VerifierResult Check(Prompt prompt, string response)
    {
        try
        {
            return regex.IsMatch(response) ? VerifierResult.Passed : VerifierResult.Failed("the pattern does not match");
        }
        catch (RegexMatchTimeoutException)
        {
            return VerifierResult.Failed("matching the pattern timed out");
        }
    }
}

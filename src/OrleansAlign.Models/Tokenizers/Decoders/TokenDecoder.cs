using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace OrleansAlign.Models.Tokenizers;

/// <summary>A step from tokens to text, as described in <c>tokenizer.json</c>: the tokens that it makes of the given ones.</summary>
internal delegate IEnumerable<string> TokenDecoder(IEnumerable<string> tokens);

/// <summary>The decoders that are more than an expression.</summary>
internal static class TokenDecoders
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    private static readonly (string From, string To)[] CleanUpRules =
    [
        (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"),
        (" 'm", "'m"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
    ];

    /// <summary>From the byte alphabet back to bytes, and from their UTF-8 to one text; what is not UTF-8 becomes U+FFFD.</summary>
    /// <remarks>A token with any character outside the alphabet stands for its own UTF-8.</remarks>
    public static string OfBytes(IEnumerable<string> tokens)
    {
        List<byte> bytes = [];
        foreach (string token in tokens)
        {
            int start = bytes.Count;
            foreach (char c in token)
            {
                int b = ByteAlphabet.ByteOf(c);
                if (b < 0)
                {
                    bytes.RemoveRange(start, bytes.Count - start);
                    bytes.AddRange(Encoding.UTF8.GetBytes(token));
                    break;
                }

                bytes.Add((byte)b);
            }
        }

        return Encoding.UTF8.GetString(CollectionsMarshal.AsSpan(bytes));
    }

    /// <summary>
    /// Turns runs of <c>&lt;0x00&gt;</c> … <c>&lt;0xFF&gt;</c> into text; a run that is not UTF-8 as a whole becomes one U+FFFD for each byte.
    /// </summary>
    public static IEnumerable<string> OfByteTokens(IEnumerable<string> tokens)
    {
        List<byte> run = [];
        foreach (string token in tokens)
        {
            if (token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal) && token[5] == '>'
                && byte.TryParse(token.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte value))
            {
                run.Add(value);
                continue;
            }

            foreach (string part in OfRun(run)) yield return part;
            run.Clear();
            yield return token;
        }

        foreach (string part in OfRun(run)) yield return part;
    }

    /// <summary>A token without up to a number of a character at both ends.</summary>
    public static string Strip(string token, char character, int start, int stop)
    {
        int from = 0, to = token.Length;
        while (from < token.Length && from < start && token[from] == character) from++;
        while (to > from && token.Length - to < stop && token[to - 1] == character) to--;
        return token[from..to];
    }

    /// <summary>A text without the spaces that English orthography does not have, as transformers' <c>clean_up_tokenization</c> returns it.</summary>
    public static string CleanUp(string text) =>
        CleanUpRules.Aggregate(text, (current, rule) => current.Replace(rule.From, rule.To, StringComparison.Ordinal));

    private static IEnumerable<string> OfRun(List<byte> run)
    {
        try
        {
            return run.Count == 0 ? [] : [Strict.GetString(CollectionsMarshal.AsSpan(run))];
        }
        catch (DecoderFallbackException)
        {
            return Enumerable.Repeat("\uFFFD", run.Count);
        }
    }
}

using System.Buffers;
using System.Text.RegularExpressions;

namespace OrleansAlign.Models.Tokenizers;

/// <summary>Any pattern of a published tokenizer: translated to .NET's syntax and run over a text of one code unit per character.</summary>
/// <remarks>
/// .NET's classes know code units, not characters: no surrogate is a letter. A text beyond the basic plane is therefore first rewritten
/// with <see cref="RuneStandIns"/>, and the matches are carried back.
/// </remarks>
internal sealed class RegexScanner : Scanner
{
    // A pattern that exceeds this limit backtracks exponentially.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Regex regex;
    private readonly RuneStandIns standIns;
    private readonly string pattern;

    /// <summary>Takes a pattern in Oniguruma's syntax.</summary>
    /// <exception cref="FormatException">The pattern is malformed, or asks for something that is not understood.</exception>
    public RegexScanner(string pattern)
    {
        this.pattern = pattern;
        try
        {
            (string translated, standIns) = OnigurumaPattern.ToDotNet(pattern);
            regex = new Regex(translated, RegexOptions.CultureInvariant, Patience);
        }
        catch (RegexParseException e)
        {
            throw new FormatException($"it cannot be read: {e.Error}");
        }
    }

    /// <inheritdoc/>
    public override void Find(ReadOnlySpan<char> text, List<TextRange> matches)
    {
        try
        {
            if (text.IndexOfAnyInRange('\uD800', RuneStandIns.Private) < 0)
            {
                Find(text, [], matches);
                return;
            }

            char[] stand = ArrayPool<char>.Shared.Rent(text.Length);
            int[] offsets = ArrayPool<int>.Shared.Rent(text.Length + 1);
            int count = standIns.Project(text, stand, offsets);
            Find(stand.AsSpan(0, count), offsets.AsSpan(0, count + 1), matches);
            ArrayPool<char>.Shared.Return(stand);
            ArrayPool<int>.Shared.Return(offsets);
        }
        catch (RegexMatchTimeoutException)
        {
            throw new InvalidDataException(
                $"the split pattern '{pattern}' backtracked for more than {Patience.TotalSeconds} s over {text.Length} characters; "
                + "use a tokenizer with a pattern that does not");
        }
    }

    private void Find(ReadOnlySpan<char> text, ReadOnlySpan<int> offsets, List<TextRange> matches)
    {
        int last = -1;
        foreach (ValueMatch match in regex.EnumerateMatches(text))
        {
            int start = match.Index, end = start + match.Length;

            // An empty match right behind another match does not count.
            if (match.Length == 0 && start == last) continue;
            last = end;
            if (!offsets.IsEmpty) (start, end) = (offsets[start], offsets[end]);
            matches.Add(new TextRange(start, end - start));
        }
    }
}

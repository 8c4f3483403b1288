using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace OrleansAlign.Models.Tokenizers;

/// <summary>The unigram language model (Kudo, "Subword regularization", 2018): the tokens whose scores have the greatest sum.</summary>
/// <remarks>
/// As in Hugging Face's library: a character that is no token costs the least score minus 10; neighbouring unknown characters are one unknown token, or the
/// tokens of their UTF-8 bytes. Of equal sums, the one found first stays, over starts in ascending order.
/// </remarks>
internal sealed class UnigramModel : ITokenModel
{
    private const double UnknownPenalty = 10;

    private readonly Dictionary<string, int> vocabulary;
    private readonly double[] scores;
    private readonly PrefixTable prefixes;
    private readonly int[] bytes;
    private readonly double unknownScore;
    private readonly string place;
    private readonly Lazy<WordCache> cache = new(() => new WordCache());

    /// <summary>Takes tokens with their scores, the ids being their places.</summary>
    /// <param name="vocabulary">Token to id.</param>
    /// <param name="scores">The score of each id, a log-probability.</param>
    /// <param name="unknownId">Id of the unknown token; −1 for none.</param>
    /// <param name="byteFallback">Whether unknown characters become the tokens <c>&lt;0x00&gt;</c> … <c>&lt;0xFF&gt;</c> of their UTF-8.</param>
    /// <param name="place">The file, for errors.</param>
    public UnigramModel(Dictionary<string, int> vocabulary, double[] scores, int unknownId, bool byteFallback, string place)
    {
        (this.vocabulary, this.scores, this.place, UnknownId) = (vocabulary, scores, place, unknownId);
        prefixes = new PrefixTable(vocabulary);
        bytes = byteFallback ? [.. Enumerable.Range(0, 256).Select(b => vocabulary.GetValueOrDefault($"<0x{b:X2}>", -1))] : [];
        unknownScore = scores.DefaultIfEmpty(0).Min() - UnknownPenalty;
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, int> Vocabulary => vocabulary;

    /// <inheritdoc/>
    public int UnknownId { get; }

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">A character is no token, and there is neither an unknown token nor one for each of its bytes.</exception>
    public void Encode(ReadOnlySpan<char> word, bool asBytes, bool[]? forbidden, List<int> into)
    {
        int start = into.Count;
        bool remembers = word.Length <= WordCache.MaxLength;
        if (remembers && cache.Value.Find(word) is { } known)
        {
            into.AddRange(known);
        }
        else
        {
            EncodeNew(asBytes ? ByteAlphabet.Map(word) : word, null, into);
            if (remembers) cache.Value.Remember(word, CollectionsMarshal.AsSpan(into)[start..]);
        }

        if (forbidden is null) return;
        foreach (int id in CollectionsMarshal.AsSpan(into)[start..])
        {
            if (!forbidden[id]) continue;
            into.RemoveRange(start, into.Count - start);
            EncodeNew(asBytes ? ByteAlphabet.Map(word) : word, forbidden, into);
            return;
        }
    }

    private void EncodeNew(ReadOnlySpan<char> word, bool[]? forbidden, List<int> into)
    {
        (int Start, int Id)[] best = BestPath(word, forbidden);
        List<(int Start, int End, int Id)> pieces = [];
        for (int end = word.Length; end > 0; end = best[end].Start)
        {
            (int from, int id) = best[end];
            if (id < 0 && pieces.Count > 0 && pieces[^1].Id < 0) pieces[^1] = pieces[^1] with { Start = from };
            else pieces.Add((from, end, id));
        }

        for (int i = pieces.Count - 1; i >= 0; i--)
        {
            (int from, int end, int id) = pieces[i];
            if (id >= 0) into.Add(id);
            else EncodeUnknown(word[from..end], forbidden, into);
        }
    }

    /// <summary>For each end of a prefix the last token of its best path: where it starts, and its id; −1 for an unknown character.</summary>
    private (int Start, int Id)[] BestPath(ReadOnlySpan<char> word, bool[]? forbidden)
    {
        var best = new (int Start, int Id)[word.Length + 1];
        double[] sums = new double[word.Length + 1];
        Array.Fill(best, (-1, -1));
        List<(int Length, int Id)> found = [];
        for (int at = 0; at < word.Length;)
        {
            Rune.DecodeFromUtf16(word[at..], out _, out int single);
            prefixes.Find(word[at..], found);
            bool hasSingle = false;
            foreach ((int length, int id) in found)
            {
                if (forbidden?[id] ?? false) continue;
                Offer(best, sums, at, at + length, id == UnknownId ? -1 : id, sums[at] + scores[id]);
                hasSingle |= length == single;
            }

            if (!hasSingle) Offer(best, sums, at, at + single, -1, sums[at] + unknownScore);
            at += single;
        }

        return best;
    }

    private static void Offer((int Start, int Id)[] best, double[] sums, int start, int end, int id, double sum)
    {
        if (best[end].Start >= 0 && !(sum > sums[end])) return;
        (best[end], sums[end]) = ((start, id), sum);
    }

    private void EncodeUnknown(ReadOnlySpan<char> text, bool[]? forbidden, List<int> into)
    {
        // Unknown characters that were joined may spell a token.
        if (vocabulary.TryGetValue(text.ToString(), out int whole) && !(forbidden?[whole] ?? false))
        {
            into.Add(whole);
            return;
        }

        byte[] utf8 = Encoding.UTF8.GetBytes(text.ToString());
        if (bytes.Length > 0 && Array.TrueForAll(utf8, b => bytes[b] >= 0))
        {
            foreach (byte b in utf8) into.Add(bytes[b]);
        }
        else if (UnknownId >= 0)
        {
            if (!(forbidden?[UnknownId] ?? false)) into.Add(UnknownId);
        }
        else
        {
            throw new InvalidDataException(string.Create(
                CultureInfo.InvariantCulture,
                $"{place}: model.unk_id: there is none, and '{text}' is made of no tokens; name the unknown token, or keep these characters out of the data"));
        }
    }
}

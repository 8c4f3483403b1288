using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;

namespace OrleansAlign.Models.Tokenizers;

/// <summary>What a byte-pair model does with characters that its vocabulary lacks and with the borders of words.</summary>
internal sealed record BpeOptions
{
    /// <summary>What the tokens inside a word start with; empty for nothing.</summary>
    public string ContinuingPrefix { get; init; } = "";

    /// <summary>What the last token of a word ends with; empty for nothing.</summary>
    public string EndSuffix { get; init; } = "";

    /// <summary>Whether neighbouring unknown characters are one unknown token.</summary>
    public bool FuseUnknown { get; init; }

    /// <summary>Whether an unknown character becomes the tokens <c>&lt;0x00&gt;</c> … <c>&lt;0xFF&gt;</c> of its UTF-8.</summary>
    public bool ByteFallback { get; init; }

    /// <summary>Whether a word that is itself a token is that token, whatever the merges say.</summary>
    public bool IgnoreMerges { get; init; }
}

/// <summary>Byte-pair encoding (Sennrich, Haddow, Birch, "Neural machine translation of rare words with subword units", 2016).</summary>
internal sealed class BpeModel : ITokenModel
{
    /// <summary>Longer words are first cut where no merge can reach across.</summary>
    private const int CutAbove = 24;

    private readonly Dictionary<string, int> vocabulary;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> lookup;
    private readonly MergeTable merges;
    private readonly BpeOptions options;
    private readonly int[] byteFallback;
    private readonly int unknownId;
    private readonly Lazy<WordCache> cache = new(() => new WordCache());
    private readonly Lazy<WordCache> partCache = new(() => new WordCache());
    private readonly Lazy<HashSet<ulong>?> joints;

    /// <summary>Takes vocabulary and merges, in order of rank, as ids: every one of them in the vocabulary.</summary>
    public BpeModel(Dictionary<string, int> vocabulary, IReadOnlyList<(int Left, int Right, int Result)> merges, int unknownId, BpeOptions options)
    {
        this.vocabulary = vocabulary;
        this.options = options;
        this.unknownId = unknownId;
        lookup = vocabulary.GetAlternateLookup<ReadOnlySpan<char>>();
        this.merges = new MergeTable(merges);
        byteFallback = options.ByteFallback ? [.. Enumerable.Range(0, 256).Select(b => vocabulary.GetValueOrDefault($"<0x{b:X2}>", -1))] : [];
        joints = new Lazy<HashSet<ulong>?>(() => FindJoints(merges));
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, int> Vocabulary => vocabulary;

    /// <inheritdoc/>
    public int UnknownId => unknownId;

    /// <inheritdoc/>
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
        if (options.IgnoreMerges && lookup.TryGetValue(word, out int whole) && !(forbidden?[whole] ?? false))
        {
            into.Add(whole);
            return;
        }

        HashSet<ulong>? known = word.Length > CutAbove ? joints.Value : null;
        if (known is null)
        {
            MergeWord(word, forbidden, into);
            return;
        }

        int start = 0, previous = -1;
        for (int at = 0; at < word.Length;)
        {
            Rune.DecodeFromUtf16(word[at..], out Rune rune, out int length);
            if (previous >= 0 && !known.Contains(Joint(previous, rune.Value)) && IsToken(previous) && IsToken(rune.Value))
            {
                EncodePart(word[start..at], forbidden, into);
                start = at;
            }

            previous = rune.Value;
            at += length;
        }

        EncodePart(word[start..], forbidden, into);
    }

    private void EncodePart(ReadOnlySpan<char> part, bool[]? forbidden, List<int> into)
    {
        bool remembers = part.Length <= WordCache.MaxLength && forbidden is null;
        if (remembers && partCache.Value.Find(part) is { } known)
        {
            into.AddRange(known);
            return;
        }

        int start = into.Count;
        MergeWord(part, forbidden, into);
        if (remembers) partCache.Value.Remember(part, CollectionsMarshal.AsSpan(into)[start..]);
    }

    private void MergeWord(ReadOnlySpan<char> word, bool[]? forbidden, List<int> into)
    {
        // A character gives at most one symbol, or one for each of its bytes and those of prefix and suffix.
        int most = options.ByteFallback ? 4 * (word.Length * (1 + options.ContinuingPrefix.Length) + options.EndSuffix.Length) : word.Length;
        int[] symbols = ArrayPool<int>.Shared.Rent(Math.Max(1, most));
        int count = Symbols(word, forbidden, symbols);
        count = Merger.Merge(symbols.AsSpan(0, count), merges, forbidden);
        into.AddRange(symbols.AsSpan(0, count));
        ArrayPool<int>.Shared.Return(symbols);
    }

    /// <summary>The symbols that merging starts from: one for each character, or what stands for those that are not in the vocabulary.</summary>
    private int Symbols(ReadOnlySpan<char> word, bool[]? forbidden, Span<int> symbols)
    {
        int count = 0;
        bool pending = false;
        for (int at = 0; at < word.Length;)
        {
            Rune.DecodeFromUtf16(word[at..], out _, out int length);
            bool plain = (at == 0 || options.ContinuingPrefix.Length == 0) && (at + length < word.Length || options.EndSuffix.Length == 0);
            ReadOnlySpan<char> spelt = plain ? word.Slice(at, length) : Spell(word, at, length);
            at += length;
            if (lookup.TryGetValue(spelt, out int id) && !(forbidden?[id] ?? false))
            {
                if (pending) symbols[count++] = unknownId;
                pending = false;
                symbols[count++] = id;
            }
            else if (!(options.ByteFallback && TryBytes(spelt, symbols, ref count)) && unknownId >= 0 && !(forbidden?[unknownId] ?? false))
            {
                // An unknown token waits for the next known character, as in the original, so that neighbours can join it.
                if (pending && !options.FuseUnknown) symbols[count++] = unknownId;
                pending = true;
            }
        }

        if (pending) symbols[count++] = unknownId;
        return count;
    }

    private string Spell(ReadOnlySpan<char> word, int at, int length) =>
        string.Concat(at == 0 ? "" : options.ContinuingPrefix, word.Slice(at, length), at + length == word.Length ? options.EndSuffix : "");

    private bool TryBytes(ReadOnlySpan<char> text, Span<int> symbols, ref int count)
    {
        Span<byte> utf8 = stackalloc byte[4];
        int written = count;
        foreach (Rune rune in text.EnumerateRunes())
        {
            foreach (byte b in utf8[..rune.EncodeToUtf8(utf8)])
            {
                if (byteFallback[b] < 0) return false;
                symbols[written++] = byteFallback[b];
            }
        }

        count = written;
        return true;
    }

    private bool IsToken(int codePoint)
    {
        Span<char> text = stackalloc char[2];
        return lookup.ContainsKey(text[..new Rune(codePoint).EncodeToUtf16(text)]);
    }

    private static ulong Joint(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    /// <summary>
    /// The pairs of neighbouring characters that some merge joins. Between two others a word can be cut without changing any id; null where
    /// tokens carry marks of where in a word they stand, and cutting would move them.
    /// </summary>
    private HashSet<ulong>? FindJoints(IReadOnlyList<(int Left, int Right, int Result)> all)
    {
        if (options.ContinuingPrefix.Length > 0 || options.EndSuffix.Length > 0) return null;
        Dictionary<int, (int First, int Last)> borders = [];
        foreach ((string token, int id) in vocabulary)
        {
            if (token.Length == 0) continue;
            Rune.DecodeFromUtf16(token, out Rune first, out _);
            Rune.DecodeLastFromUtf16(token, out Rune last, out _);
            borders[id] = (first.Value, last.Value);
        }

        HashSet<ulong> found = [];
        foreach ((int left, int right, _) in all)
        {
            if (borders.TryGetValue(left, out (int First, int Last) l) && borders.TryGetValue(right, out (int First, int Last) r))
            {
                found.Add(Joint(l.Last, r.First));
            }
        }

        return found;
    }
}

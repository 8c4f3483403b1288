using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using OrleansAlign.Models.Text;

namespace OrleansAlign.Models.Tokenizers;

/// <summary>SentencePiece's normalization by a compiled map of characters.</summary>
/// <remarks>
/// The map is a double-array trie (Darts) over UTF-8 in units of 32 bits, whose leaves are offsets of texts that end with a zero. As in Hugging Face's library,
/// a grapheme of at most five bytes that starts with a key becomes that key's text, for the shortest such key; otherwise each of its characters is
/// looked up by itself.
/// </remarks>
internal sealed class PrecompiledNormalizer : Normalizer
{
    private const int LongestGrapheme = 5;

    private readonly uint[] trie;
    private readonly byte[] texts;

    private PrecompiledNormalizer(uint[] trie, byte[] texts) => (this.trie, this.texts) = (trie, texts);

    /// <summary>Reads the map, in base 64: the trie's length in bytes, the trie, and the texts.</summary>
    /// <exception cref="InvalidDataException">It is cut off or not in base 64.</exception>
    public static PrecompiledNormalizer Read(JsonPlace json)
    {
        byte[] map;
        try
        {
            map = Convert.FromBase64String(json.Text());
        }
        catch (FormatException)
        {
            throw json.Error($"it is not in base 64; {TokenizerFile.Remedy}");
        }

        uint length = map.Length < 4 ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(map);
        if (length < 4 || length % 4 != 0 || length > map.Length - 4)
        {
            throw json.Error($"its trie has {length} bytes of the {map.Length} that there are; it is cut off, {TokenizerFile.Remedy}");
        }

        uint[] trie = new uint[length / 4];
        for (int i = 0; i < trie.Length; i++) trie[i] = BinaryPrimitives.ReadUInt32LittleEndian(map.AsSpan(4 + (4 * i)));
        return new PrecompiledNormalizer(trie, map[(4 + (int)length)..]);
    }

    /// <inheritdoc/>
    public override MarkedText Apply(MarkedText text)
    {
        MarkedText.Builder rewritten = new();
        string all = text.Text;
        Span<byte> utf8 = stackalloc byte[LongestGrapheme + 4];
        for (int at = 0; at < all.Length;)
        {
            int end = at + StringInfo.GetNextTextElementLength(all.AsSpan(at));
            if (end - at <= LongestGrapheme && Encoding.UTF8.GetByteCount(all.AsSpan(at, end - at)) <= LongestGrapheme
                && Find(utf8[..Encoding.UTF8.GetBytes(all.AsSpan(at, end - at), utf8)]) is { } whole)
            {
                rewritten.Append(whole, text.Overlaps(at, end));
                at = end;
            }

            while (at < end)
            {
                Rune.DecodeFromUtf16(all.AsSpan(at), out Rune rune, out int length);
                string single = Find(utf8[..rune.EncodeToUtf8(utf8)]) ?? all.Substring(at, length);
                rewritten.Append(single, text.Overlaps(at, at + length));
                at += length;
            }
        }

        return rewritten.Build();
    }

    /// <summary>The text of the shortest key that the bytes start with; null if there is none.</summary>
    private string? Find(ReadOnlySpan<byte> key)
    {
        uint at = Offset(trie[0]);
        foreach (byte b in key)
        {
            at ^= b;
            if (b == 0 || at >= trie.Length || (trie[at] & 0x800000FF) != b) return null;
            uint unit = trie[at];
            at ^= Offset(unit);
            if ((unit & 0x100) == 0) continue;
            if (at >= trie.Length) return null;
            uint start = trie[at] & 0x7FFFFFFF;
            if (start > texts.Length) return null;
            ReadOnlySpan<byte> text = texts.AsSpan((int)start);
            int length = text.IndexOf((byte)0);
            return Encoding.UTF8.GetString(length < 0 ? text : text[..length]);
        }

        return null;
    }

    private static uint Offset(uint unit) => (unit >> 10) << (int)((unit & 0x200) >> 6);
}

using System.Text;

namespace OrleansAlign.Models.Tokenizers;

/// <summary>GPT-2's alphabet: one printable character for each byte.</summary>
/// <remarks>
/// Bytes that are printable in Latin-1 (33–126, 161–172, 174–255) stand for themselves, the other 68 are, in order, U+0100, U+0101, …
/// </remarks>
internal static class ByteAlphabet
{
    /// <summary>The character of each byte.</summary>
    public static readonly string Characters = string.Create(256, 0, (characters, _) =>
    {
        int next = 0x100;
        for (int b = 0; b < 256; b++) characters[b] = IsPrintable(b) ? (char)b : (char)next++;
    });

    private static readonly short[] Bytes = Invert();

    /// <summary>The byte that a character stands for; −1 if it stands for none.</summary>
    public static int ByteOf(char c) => c < Bytes.Length ? Bytes[c] : -1;

    /// <summary>Appends a text's UTF-8, a character for each byte.</summary>
    public static void Append(ReadOnlySpan<char> text, StringBuilder into)
    {
        Span<byte> utf8 = stackalloc byte[4];
        while (!text.IsEmpty)
        {
            if (text[0] < 0x80)
            {
                into.Append(Characters[text[0]]);
                text = text[1..];
                continue;
            }

            Rune.DecodeFromUtf16(text, out Rune rune, out int length);
            int count = rune.EncodeToUtf8(utf8);
            foreach (byte b in utf8[..count]) into.Append(Characters[b]);
            text = text[length..];
        }
    }

    /// <summary>A text's UTF-8, a character for each byte.</summary>
    public static string Map(ReadOnlySpan<char> text)
    {
        StringBuilder mapped = new(text.Length + 8);
        Append(text, mapped);
        return mapped.ToString();
    }

    private static bool IsPrintable(int b) => b is (>= 33 and <= 126) or (>= 161 and <= 172) or >= 174;

    private static short[] Invert()
    {
        short[] bytes = new short[0x100 + 68];
        Array.Fill(bytes, (short)-1);
        for (int b = 0; b < 256; b++) bytes[Characters[b]] = (short)b;
        return bytes;
    }
}

using System.Text;

namespace OrleansAlign.Ledgers;

/// <summary>Encodes any .NET string as a text that PostgreSQL accepts, without loss.</summary>
/// <remarks>
/// PostgreSQL's texts hold neither U+0000 nor halves of surrogate pairs; a candidate may hold either. Those, and the escape itself, are written as
/// U+0010 ("data link escape") and four hexadecimal digits. Every other text is stored as it is.
/// </remarks>
internal static class PostgresText
{
    private const char Escape = '\u0010';
    private const int Digits = 4;

    /// <summary>The text to store.</summary>
    public static string Write(string text)
    {
        if (!text.AsSpan().ContainsAny('\0', Escape) && !text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF')) return text;

        var written = new StringBuilder(text.Length + 16);
        for (ReadOnlySpan<char> rest = text; rest.Length > 0;)
        {
            bool whole = Rune.DecodeFromUtf16(rest, out Rune rune, out int length) == System.Buffers.OperationStatus.Done;
            if (whole && rune.Value is not (0 or Escape)) written.Append(rest[..length]);
            else written.Append(Escape).Append(((int)rest[0]).ToString("X4"));
            rest = rest[length..];
        }

        return written.ToString();
    }

    /// <summary>The text that was stored.</summary>
    /// <exception cref="InvalidDataException">The text was not written by <see cref="Write"/>.</exception>
    public static string Read(string stored)
    {
        if (!stored.Contains(Escape)) return stored;

        var text = new StringBuilder(stored.Length);
        for (int i = 0; i < stored.Length; i++)
        {
            if (stored[i] != Escape)
            {
                text.Append(stored[i]);
                continue;
            }

            if (i + Digits >= stored.Length
                || !ushort.TryParse(stored.AsSpan(i + 1, Digits), System.Globalization.NumberStyles.AllowHexSpecifier, null, out ushort unit))
            {
                throw new InvalidDataException(
                    $"a text in the ledger has U+0010 at position {i} without four hexadecimal digits after it; another program wrote it: "
                    + "restore the row from a copy");
            }

            text.Append((char)unit);
            i += Digits;
        }

        return text.ToString();
    }
}

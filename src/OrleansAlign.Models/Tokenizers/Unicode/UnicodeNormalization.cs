using System.IO.Compression;
using System.Text;

namespace OrleansAlign.Models.Tokenizers;

/// <summary>Normalisation of texts (UAX #15), by own tables.</summary>
/// <remarks>
/// This project runs in .NET's invariant globalization mode, where <see cref="string.Normalize()"/> gives every text back as it is;
/// the tables also make the result the same on every machine, whatever ICU it has.
/// </remarks>
internal static class UnicodeNormalization
{
    private const int HangulBase = 0xAC00, LeadBase = 0x1100, VowelBase = 0x1161, TailBase = 0x11A7;
    private const int LeadCount = 19, VowelCount = 21, TailCount = 28, HangulCount = LeadCount * VowelCount * TailCount;

    private static readonly Tables Data = Unpack();

    /// <summary>The text in the given form; the same string if it already is.</summary>
    public static string Normalize(string text, NormalizationForm form)
    {
        if (!MayChange(text, form)) return text;
        bool compatible = form is NormalizationForm.FormKC or NormalizationForm.FormKD;
        List<int> codePoints = new(text.Length + 16);
        foreach (Rune rune in text.EnumerateRunes()) Decompose(rune.Value, compatible, codePoints);
        SortMarks(codePoints);
        if (form is NormalizationForm.FormC or NormalizationForm.FormKC) Compose(codePoints);
        StringBuilder normalized = new(text.Length + 16);
        Span<char> pair = stackalloc char[2];
        foreach (int codePoint in codePoints) normalized.Append(pair[..new Rune(codePoint).EncodeToUtf16(pair)]);
        return normalized.ToString();
    }

    /// <summary>Whether the code point is a combining mark that moves among its neighbours (class other than 0).</summary>
    private static int CombiningClass(int codePoint) => Data.Classes.GetValueOrDefault(codePoint);

    private static bool MayChange(string text, NormalizationForm form)
    {
        byte bit = (byte)(1 << (int)form);
        foreach (char c in text)
        {
            // A surrogate pair is rare enough to be looked at in full.
            if ((Data.Suspects[c] & bit) != 0 || char.IsSurrogate(c)) return true;
        }

        return false;
    }

    private static void Decompose(int codePoint, bool compatible, List<int> into)
    {
        int syllable = codePoint - HangulBase;
        if ((uint)syllable < HangulCount)
        {
            into.Add(LeadBase + (syllable / (VowelCount * TailCount)));
            into.Add(VowelBase + (syllable % (VowelCount * TailCount) / TailCount));
            if (syllable % TailCount != 0) into.Add(TailBase + (syllable % TailCount));
        }
        else if (codePoint >= 0xA0 && Data.Decompositions.TryGetValue(codePoint, out (bool Compatible, int[] Parts) entry)
            && (compatible || !entry.Compatible))
        {
            foreach (int part in entry.Parts) Decompose(part, compatible, into);
        }
        else
        {
            into.Add(codePoint);
        }
    }

    /// <summary>Orders each run of marks by combining class, keeping the order of equals (UAX #15, canonical ordering).</summary>
    private static void SortMarks(List<int> codePoints)
    {
        for (int start = 0; start < codePoints.Count; start++)
        {
            if (CombiningClass(codePoints[start]) == 0) continue;
            int end = start + 1;
            while (end < codePoints.Count && CombiningClass(codePoints[end]) != 0) end++;
            if (end - start > 1)
            {
                int[] run = [.. codePoints.GetRange(start, end - start).OrderBy(CombiningClass)];
                for (int i = 0; i < run.Length; i++) codePoints[start + i] = run[i];
            }

            start = end;
        }
    }

    private static void Compose(List<int> codePoints)
    {
        int written = 0, starter = -1, lastClass = -1;
        for (int i = 0; i < codePoints.Count; i++)
        {
            int codePoint = codePoints[i], combining = CombiningClass(codePoint);

            // Blocked if something of no lower class stands between; a starter composes only with the starter right before it.
            bool free = starter >= 0 && lastClass < combining;
            if (free && ComposePair(codePoints[starter], codePoint) is { } composed)
            {
                codePoints[starter] = composed;
                continue;
            }

            codePoints[written] = codePoint;
            if (combining == 0)
            {
                starter = written;
                lastClass = -1;
            }
            else
            {
                lastClass = combining;
            }

            written++;
        }

        codePoints.RemoveRange(written, codePoints.Count - written);
    }

    private static int? ComposePair(int first, int second)
    {
        int lead = first - LeadBase, vowel = second - VowelBase;
        if ((uint)lead < LeadCount && (uint)vowel < VowelCount) return HangulBase + (((lead * VowelCount) + vowel) * TailCount);
        int syllable = first - HangulBase, tail = second - TailBase;
        if ((uint)syllable < HangulCount && syllable % TailCount == 0 && tail > 0 && tail < TailCount) return first + tail;
        return Data.Compositions.TryGetValue(((long)first << 32) | (uint)second, out int composed) ? composed : null;
    }

    private static Tables Unpack()
    {
        using MemoryStream packed = new(Convert.FromBase64String(UnicodeNormalizationData.Packed));
        using ZLibStream inflated = new(packed, CompressionMode.Decompress);
        using BinaryReader reader = new(new BufferedStream(inflated));
        Tables tables = new();
        int codePoint = 0;
        for (int left = reader.Read7BitEncodedInt(); left > 0; left--)
        {
            codePoint += reader.Read7BitEncodedInt();
            tables.Classes[codePoint] = reader.Read7BitEncodedInt();
            tables.Suspect(codePoint, NormalizationForm.FormC, NormalizationForm.FormD, NormalizationForm.FormKC, NormalizationForm.FormKD);
        }

        codePoint = 0;
        for (int left = reader.Read7BitEncodedInt(); left > 0; left--)
        {
            codePoint += reader.Read7BitEncodedInt();
            int kind = reader.Read7BitEncodedInt(), previous = codePoint;
            int[] parts = new int[kind / 3];
            for (int i = 0; i < parts.Length; i++)
            {
                int zigzag = reader.Read7BitEncodedInt();
                previous = parts[i] = previous + ((zigzag & 1) == 0 ? zigzag >> 1 : -((zigzag + 1) >> 1));
            }

            tables.Decompositions[codePoint] = (kind % 3 == 1, parts);
            tables.Suspect(codePoint, NormalizationForm.FormKD, NormalizationForm.FormKC);
            if (kind % 3 == 0) tables.Suspect(codePoint, NormalizationForm.FormC, NormalizationForm.FormD);
            if (kind % 3 != 2) continue;
            tables.Compositions[((long)parts[0] << 32) | (uint)parts[1]] = codePoint;
            tables.Suspect(codePoint, NormalizationForm.FormD);
            tables.Suspect(parts[1], NormalizationForm.FormC, NormalizationForm.FormKC);
        }

        for (int c = HangulBase; c < HangulBase + HangulCount; c++) tables.Suspect(c, NormalizationForm.FormD, NormalizationForm.FormKD);
        for (int c = VowelBase; c < TailBase + TailCount; c++) tables.Suspect(c, NormalizationForm.FormC, NormalizationForm.FormKC);
        return tables;
    }

    private sealed class Tables
    {
        /// <summary>Combining class of each code point that has one other than 0.</summary>
        public readonly Dictionary<int, int> Classes = [];

        /// <summary>One level of decomposition of each code point that has one.</summary>
        public readonly Dictionary<int, (bool Compatible, int[] Parts)> Decompositions = [];

        /// <summary>What two code points compose to.</summary>
        public readonly Dictionary<long, int> Compositions = [];

        /// <summary>For each code unit a bit per form: set where the form could change a text that holds it.</summary>
        public readonly byte[] Suspects = new byte[0x10000];

        public void Suspect(int codePoint, params ReadOnlySpan<NormalizationForm> forms)
        {
            if (codePoint > 0xFFFF) return;
            foreach (NormalizationForm form in forms) Suspects[codePoint] |= (byte)(1 << (int)form);
        }
    }
}

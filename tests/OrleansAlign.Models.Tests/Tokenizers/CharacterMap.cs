using System.Buffers.Binary;
using System.Text;

namespace OrleansAlign.Models.Tests.Tokenizers;

/// <summary>Builds SentencePiece's compiled character maps: a double-array trie over UTF-8 whose leaves are offsets of texts that end with a zero.</summary>
internal static class CharacterMap
{
    private const int Units = 1 << 14;

    public static string Build(params (string Key, string Text)[] entries)
    {
        List<byte> texts = [];
        SortedDictionary<string, uint> values = new(StringComparer.Ordinal);
        foreach ((string key, string text) in entries)
        {
            values[Convert.ToHexString(Encoding.UTF8.GetBytes(key))] = (uint)texts.Count;
            texts.AddRange([.. Encoding.UTF8.GetBytes(text), 0]);
        }

        uint[] units = new uint[Units];
        bool[] taken = new bool[Units];
        taken[0] = true;
        Place(units, taken, 0, "", values);

        byte[] map = new byte[4 + (4 * Units) + texts.Count];
        BinaryPrimitives.WriteUInt32LittleEndian(map, 4 * Units);
        for (int i = 0; i < Units; i++) BinaryPrimitives.WriteUInt32LittleEndian(map.AsSpan(4 + (4 * i)), units[i]);
        texts.CopyTo(map, 4 + (4 * Units));
        return Convert.ToBase64String(map);
    }

    /// <summary>Finds a base at which the leaf and all children of a node are free, and puts them there.</summary>
    private static void Place(uint[] units, bool[] taken, int node, string prefix, SortedDictionary<string, uint> values)
    {
        bool isLeaf = values.TryGetValue(prefix, out uint value);
        int[] children = [.. values.Keys.Where(key => key.Length > prefix.Length && key.StartsWith(prefix, StringComparison.Ordinal))
            .Select(key => (int)Convert.FromHexString(key.AsSpan(prefix.Length, 2))[0]).Distinct()];
        int at = 256;
        while (taken[at] || children.Any(c => taken[at ^ c])) at++;
        units[node] |= ((uint)(node ^ at) << 10) | (isLeaf ? 0x100u : 0);
        taken[at] = true;
        if (isLeaf) units[at] = 0x80000000 | value;
        foreach (int c in children) (taken[at ^ c], units[at ^ c]) = (true, (uint)c);
        foreach (int c in children) Place(units, taken, at ^ c, prefix + c.ToString("X2", System.Globalization.CultureInfo.InvariantCulture), values);
    }
}

namespace OrleansAlign.Models.Tokenizers;

/// <summary>Remembers the ids of words; bounded, and safe to share between threads without a lock.</summary>
/// <remarks>
/// Each word has one slot, by its hash; another word of that slot takes its place. An entry is written once and never changed, and a reference
/// is read and written whole, so that a reader sees some entry or none.
/// </remarks>
internal sealed class WordCache
{
    /// <summary>Longest word that is remembered, in code units.</summary>
    public const int MaxLength = 48;

    private const int Bits = 16;

    private readonly Entry?[] slots = new Entry?[1 << Bits];

    /// <summary>The ids of a word; null if it is not remembered.</summary>
    public int[]? Find(ReadOnlySpan<char> word)
    {
        Entry? entry = Volatile.Read(ref slots[Slot(word)]);
        return entry is not null && word.SequenceEqual(entry.Word) ? entry.Ids : null;
    }

    /// <summary>Remembers the ids of a word.</summary>
    public void Remember(ReadOnlySpan<char> word, ReadOnlySpan<int> ids) =>
        Volatile.Write(ref slots[Slot(word)], new Entry(word.ToString(), ids.ToArray()));

    private static int Slot(ReadOnlySpan<char> word)
    {
        ulong hash = (ulong)word.Length;
        foreach (char c in word) hash = (hash ^ c) * 0x9E3779B97F4A7C15;
        return (int)(hash >> (64 - Bits));
    }

    private sealed record Entry(string Word, int[] Ids);
}

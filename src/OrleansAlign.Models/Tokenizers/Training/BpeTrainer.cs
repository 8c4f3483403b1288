using System.Runtime.InteropServices;

namespace OrleansAlign.Models.Tokenizers;

/// <summary>Trains byte-level byte-pair tokenizers.</summary>
/// <remarks>
/// The most frequent pair of neighbouring tokens within words is merged, again and again; of equally frequent pairs the one with the lower
/// left id, then the lower right id. Texts are cut into words by Llama 3's pattern. The result depends on the texts and options
/// alone, not on the order of the texts.
/// Ids: special tokens, then the byte alphabet by character, then merges in order.
/// </remarks>
public static class BpeTrainer
{
    /// <summary>Least number of times that a pair must occur to be merged.</summary>
    private const int MinFrequency = 2;

    /// <summary>Trains a tokenizer on texts; one pass over them, and memory for their distinct words.</summary>
    /// <exception cref="ArgumentException">The options do not hold; the message lists every problem.</exception>
    public static Tokenizer Train(IEnumerable<string> texts, BpeTrainerOptions options)
    {
        if (options.Problems().ToArray() is { Length: > 0 } problems) throw new ArgumentException(string.Join("; ", problems), nameof(options));
        IReadOnlyList<string> special = options.AllSpecialTokens;
        List<string> tokens = [.. special, .. ByteAlphabet.Characters.Order().Select(c => c.ToString())];
        Dictionary<string, int> ids = new(StringComparer.Ordinal);
        for (int i = 0; i < tokens.Count; i++) ids[tokens[i]] = i;
        List<(string Left, string Right)> merges = [];
        PairCounts pairs = new(Words(texts, options, ids));
        while (tokens.Count < options.VocabularySize && pairs.TakeMostFrequent(MinFrequency) is { } pair)
        {
            // Two merges can yield the same text; they share one token, unless that token is special.
            string token = tokens[pair.Left] + tokens[pair.Right];
            if (!ids.TryGetValue(token, out int id))
            {
                id = tokens.Count;
                ids[token] = id;
                tokens.Add(token);
            }
            else if (id < special.Count)
            {
                continue;
            }

            merges.Add((tokens[pair.Left], tokens[pair.Right]));
            pairs.Merge(pair.Left, pair.Right, id);
        }

        return new Tokenizer(TokenizerWriter.Write(tokens, merges, options));
    }

    /// <summary>Distinct words as ids of their bytes, with how often each occurs.</summary>
    private static List<(int[] Symbols, long Count)> Words(IEnumerable<string> texts, BpeTrainerOptions options, Dictionary<string, int> ids)
    {
        AddedTokenMatcher matcher = new(options.AllSpecialTokens.Select((token, id) => (token, new AddedToken(token) { Id = id, Special = true })));
        Scanner scanner = PreTokenizerReader.KnownPatterns[PreTokenizerReader.Llama3Pattern];
        Dictionary<string, long> counts = new(StringComparer.Ordinal);
        Dictionary<string, long>.AlternateLookup<ReadOnlySpan<char>> lookup = counts.GetAlternateLookup<ReadOnlySpan<char>>();
        List<Segment> segments = [];
        List<TextRange> words = [];
        foreach (string text in texts)
        {
            segments.Clear();
            matcher.Cut(text, 0, text.Length, null, segments);
            foreach (Segment segment in segments)
            {
                if (segment.Id >= 0) continue;
                ReadOnlySpan<char> piece = text.AsSpan(segment.Start, segment.End - segment.Start);
                words.Clear();
                scanner.Find(piece, words);
                foreach (TextRange word in words) CollectionsMarshal.GetValueRefOrAddDefault(lookup, piece.Slice(word.Start, word.Length), out _)++;
            }
        }

        return [.. counts.Select(entry => (ByteAlphabet.Map(entry.Key).Select(c => ids[c.ToString()]).ToArray(), entry.Value))];
    }
}

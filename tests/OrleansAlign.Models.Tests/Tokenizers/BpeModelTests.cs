using System.Text.Json.Nodes;
using OrleansAlign.Models.Numerics;
using OrleansAlign.Models.Tokenizers;

namespace OrleansAlign.Models.Tests.Tokenizers;

public class BpeModelTests
{
    private static readonly string[] Letters = ["a", "b", "c", "d"];

    [Fact]
    public void The_merge_of_lowest_rank_comes_first()
    {
        Tokenizer tokenizer = TestTokenizer.Of([.. Letters, "bc", "ab", "abc"], ["b c", "a b", "a bc"]);
        Assert.Equal(["abc"], tokenizer.Tokens("abc"));
        Assert.Equal(["ab", "d"], tokenizer.Tokens("abd"));
        Assert.Equal(["ab", "abc", "bc"], tokenizer.Tokens("ababcbc"));
    }

    [Fact]
    public void Of_equal_merges_the_leftmost_comes_first() =>
        Assert.Equal(["aa", "a"], TestTokenizer.Of(["a", "aa"], ["a a"]).Tokens("aaa"));

    [Fact]
    public void Merges_may_be_pairs_of_texts()
    {
        Tokenizer tokenizer = TestTokenizer.Of(["a b", "c", "a bc"], [], json => json["model"]!["merges"] = TestTokenizer.Node("""[["a b","c"]]"""));
        Assert.Equal(2, tokenizer.IdOf("a bc"));
        Assert.Empty(tokenizer.Encode("xyz"));
    }

    [Fact]
    public void Heap_and_scan_merge_alike()
    {
        for (ulong seed = 0; seed < 400; seed++)
        {
            (MergeTable merges, _) = RandomMerges(seed);
            int[] symbols = [.. Enumerable.Range(0, 1 + (int)(seed % 60)).Select(i => CounterRandom.Integer(seed ^ 77, (ulong)i, 3))];
            int[] scanned = [.. symbols], heaped = [.. symbols];
            Assert.Equal(
                scanned[..Merger.MergeByScan(scanned, merges, null)],
                heaped[..Merger.MergeByHeap(heaped, merges, null)]);
        }
    }

    [Fact]
    public void Cutting_long_words_changes_nothing()
    {
        string[] tokens = ["▁", "a", "b", "c", "é", "▁a", "▁b", "ab", "▁ab", "cc", "éc", "▁▁", "<0xF0>", "<0x9F>", "<0x99>", "<0x82>"];
        string[] rules = ["▁ a", "a b", "▁ b", "▁a b", "c c", "é c", "▁ ▁"];
        Tokenizer tokenizer = TestTokenizer.Of(tokens, rules, json => json["model"]!["byte_fallback"] = true);
        Dictionary<string, int> ids = tokens.Select((token, id) => (token, id)).ToDictionary(entry => entry.token, entry => entry.id);
        MergeTable merges = new([.. rules.Select(rule => rule.Split(' ')).Select(pair => (ids[pair[0]], ids[pair[1]], ids[pair[0] + pair[1]]))]);
        for (ulong seed = 0; seed < 300; seed++)
        {
            string[] parts = [.. Enumerable.Range(0, 80).Select(i => new[] { "▁", "a", "b", "c", "é", "🙂" }[CounterRandom.Integer(seed,
                (ulong)i, 6)])];
            int[] symbols = [.. parts.SelectMany(part => part == "🙂" ? [12, 13, 14, 15] : new[] { ids[part] })];
            int count = Merger.MergeByHeap(symbols, merges, null);
            Assert.Equal(symbols[..count], tokenizer.Encode(string.Concat(parts)));
        }
    }

    [Fact]
    public void Unknown_characters_become_bytes_or_the_unknown_token_or_nothing()
    {
        string[] bytes = ["<0xC3>", "<0xA9>"];
        Assert.Equal(["a", "<0xC3>", "<0xA9>", "b"], Of(bytes, "byte_fallback").Tokens("aéb"));
        Assert.Equal(["a", "<unk>", "b"], Of(bytes, "byte_fallback").Tokens("aèb"));
        Assert.Equal(["a", "<unk>", "<unk>", "b"], Of([]).Tokens("aééb"));
        Assert.Equal(["a", "<unk>", "b", "<unk>"], Of([], "fuse_unk").Tokens("aééb🙂"));
        Assert.Equal(["a", "b"], TestTokenizer.Of(Letters, []).Tokens("aéb"));

        static Tokenizer Of(string[] more, params string[] flags) => TestTokenizer.Of(["<unk>", .. Letters, .. more], [], json =>
        {
            json["model"]!["unk_token"] = "<unk>";
            foreach (string flag in flags) json["model"]![flag] = true;
        });
    }

    [Fact]
    public void A_word_that_is_a_token_needs_no_merges_if_they_are_ignored()
    {
        Assert.Equal(["abc"], TestTokenizer.Of([.. Letters, "abc"], [], json => json["model"]!["ignore_merges"] = true).Tokens("abc"));
        Assert.Equal(["a", "b", "c"], TestTokenizer.Of([.. Letters, "abc"], []).Tokens("abc"));
    }

    [Fact]
    public void Tokens_inside_and_at_the_end_of_a_word_carry_their_marks()
    {
        Tokenizer tokenizer = TestTokenizer.Of(
            ["a", "##b", "##c</w>", "c</w>", "a</w>", "ab", "abc</w>", "##b</w>"],
            ["a ##b", "ab ##c</w>"],
            json =>
            {
                json["model"]!["continuing_subword_prefix"] = "##";
                json["model"]!["end_of_word_suffix"] = "</w>";
                json["pre_tokenizer"] = new JsonObject { ["type"] = "WhitespaceSplit" };
                json["decoder"] = new JsonObject { ["type"] = "BPEDecoder", ["suffix"] = "</w>" };
            });
        Assert.Equal(["abc</w>", "a</w>", "c</w>", "a", "##b</w>"], tokenizer.Tokens("abc a c ab"));
        Assert.Equal("abc a", tokenizer.Decode(tokenizer.Encode("abc a")));
    }

    [Fact]
    public void A_long_word_takes_no_longer_than_its_share()
    {
        // Quadratic merging of a megabyte in one word would take hours; this ends in about a second.
        Tokenizer tokenizer = TestTokenizer.Of(["a", "b", "aa", "ab", "aaaa", "ba"], ["a a", "a b", "aa aa", "b a"]);
        string word = string.Concat(Enumerable.Range(0, 1 << 20).Select(i => CounterRandom.Integer(5, (ulong)i, 3) == 0 ? 'b' : 'a'));
        int[] ids = tokenizer.Encode(word);
        Assert.Equal(word, tokenizer.Decode(ids));
        Assert.True(ids.Length < word.Length * 2 / 3);
    }

    [Fact]
    public void Threads_share_a_tokenizer()
    {
        Tokenizer tokenizer = BpeTrainer.Train([TestTokenizer.RandomText(1, 3000)], new BpeTrainerOptions { VocabularySize = 400 });
        string[] texts = [.. Enumerable.Range(0, 300).Select(i => TestTokenizer.RandomText((ulong)(i % 40), 60))];
        int[][] alone = [.. texts.Select(text => tokenizer.Encode(text))];
        int[][] together = new int[texts.Length][];
        Parallel.For(0, texts.Length, i => together[i] = tokenizer.Encode(texts[i]));
        Assert.Equal(alone, together);
    }

    private static (MergeTable Merges, List<int> Lengths) RandomMerges(ulong seed)
    {
        List<(int, int, int)> merges = [];
        List<int> lengths = [1, 1, 1];
        for (ulong i = 0; i < 25; i++)
        {
            int left = CounterRandom.Integer(seed, 2 * i, lengths.Count), right = CounterRandom.Integer(seed, (2 * i) + 1, lengths.Count);
            if (merges.Any(merge => merge.Item1 == left && merge.Item2 == right)) continue;
            merges.Add((left, right, lengths.Count));
            lengths.Add(lengths[left] + lengths[right]);
        }

        return (new MergeTable(merges), lengths);
    }
}

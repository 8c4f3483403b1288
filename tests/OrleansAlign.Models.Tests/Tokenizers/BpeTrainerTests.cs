using System.Text.Json;
using OrleansAlign.Models.Numerics;
using OrleansAlign.Models.Tokenizers;

namespace OrleansAlign.Models.Tests.Tokenizers;

public class BpeTrainerTests
{
    [Fact]
    public void The_most_frequent_pair_is_merged_first_and_of_equals_the_lowest()
    {
        // "hug" 10, "pug" 5, "pun" 12, "bun" 4, "hugs" 5: the example of Hugging Face's course. ug 20, then hug and un, then pun.
        string[] words = [.. Repeat("hug", 10), .. Repeat("pug", 5), .. Repeat("pun", 12), .. Repeat("bun", 4), .. Repeat("hugs", 5)];
        Tokenizer tokenizer = BpeTrainer.Train(words, new BpeTrainerOptions { VocabularySize = 256 + 4 });
        Assert.Equal(["ug", "un", "hug", "pun"], Enumerable.Range(256, 4).Select(tokenizer.TokenOf));
        Assert.Equal(["b", "ug"], tokenizer.Tokens("bug"));
        Assert.Equal(["ab", "cd"], Enumerable.Range(256, 2).Select(BpeTrainer.Train(["cd ab cd ab", "ab cd"],
            new BpeTrainerOptions { VocabularySize = 258 }).TokenOf));
    }

    [Fact]
    public void Incremental_counts_give_the_merges_of_counting_anew()
    {
        for (ulong seed = 0; seed < 40; seed++)
        {
            string[] texts = [.. Enumerable.Range(0, 30).Select(i => string.Concat(
                Enumerable.Range(0, 1 + CounterRandom.Integer(seed, (ulong)i, 12)).Select(k => "aab"[CounterRandom.Integer(seed + 1,
                    (ulong)((100 * i) + k), 3)])))];
            Tokenizer tokenizer = BpeTrainer.Train(texts, new BpeTrainerOptions { VocabularySize = 290 });
            Assert.Equal(Slow(texts, 290), Enumerable.Range(256, tokenizer.VocabularySize - 256).Select(tokenizer.TokenOf));
        }
    }

    [Fact]
    public void Any_text_survives_encoding_and_decoding()
    {
        Tokenizer tokenizer = BpeTrainer.Train([TestTokenizer.RandomText(3, 5000)], new BpeTrainerOptions { VocabularySize = 700 });
        Assert.InRange(tokenizer.VocabularySize, 500, 700);
        for (ulong seed = 0; seed < 200; seed++)
        {
            string text = TestTokenizer.RandomText(seed, 50);
            Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text)));
        }
    }

    [Fact]
    public void The_order_of_texts_does_not_matter()
    {
        string[] texts = [.. Enumerable.Range(0, 50).Select(i => TestTokenizer.RandomText((ulong)i, 40))];
        using Saved one = new(BpeTrainer.Train(texts, new BpeTrainerOptions { VocabularySize = 600 })),
            other = new(BpeTrainer.Train(texts.Reverse(), new BpeTrainerOptions { VocabularySize = 600 }));
        Assert.Equal(one.Read("tokenizer.json"), other.Read("tokenizer.json"));
    }

    [Fact]
    public void Special_tokens_have_the_lowest_ids_and_are_no_part_of_words()
    {
        Tokenizer tokenizer = BpeTrainer.Train(
            [.. Enumerable.Repeat("<|user|>hello<|end|>", 50)],
            new BpeTrainerOptions { VocabularySize = 261, SpecialTokens = ["<|user|>", "<|end|>"], EosToken = "</s>" });
        Assert.Equal((null, 2, null), (tokenizer.BosTokenId, tokenizer.EosTokenId, tokenizer.PadTokenId));
        Assert.Equal(["<|user|>", "hel", "l", "o", "<|end|>"], tokenizer.Tokens("<|user|>hello<|end|>"));
        Assert.DoesNotContain(Enumerable.Range(259, 2).Select(tokenizer.TokenOf), token => token.Contains('|', StringComparison.Ordinal));
    }

    [Fact]
    public void A_word_that_spells_a_special_token_never_becomes_one()
    {
        Tokenizer tokenizer = BpeTrainer.Train(
            [.. Repeat("ab abc", 20)], new BpeTrainerOptions { VocabularySize = 300, SpecialTokens = ["abc"] });
        Assert.Equal(["ab", "Ġ", "abc"], tokenizer.Tokens("ab abc"));
    }

    [Fact]
    public void Training_stops_where_no_pair_is_frequent_enough()
    {
        Tokenizer tokenizer = BpeTrainer.Train(["abc abd"], new BpeTrainerOptions { VocabularySize = 1000 });
        Assert.Equal(["ab"], Enumerable.Range(256, tokenizer.VocabularySize - 256).Select(tokenizer.TokenOf));
        Assert.Equal(256, BpeTrainer.Train([], new BpeTrainerOptions()).VocabularySize);
    }

    [Fact]
    public void Options_that_do_not_hold_are_all_named()
    {
        BpeTrainerOptions options = new() { VocabularySize = 100, SpecialTokens = ["", "a"] };
        string message = Assert.Throws<ArgumentException>(() => BpeTrainer.Train([], options)).Message;
        foreach (string name in new[] { "VocabularySize is 100", "empty text", "'a'" }) Assert.Contains(name, message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_saved_is_what_was_trained_in_the_published_format()
    {
        Tokenizer tokenizer = BpeTrainer.Train(
            ["hello hello 你好 你好"],
            new BpeTrainerOptions { VocabularySize = 270, EosToken = "</s>", ChatTemplate = "{{ messages }}" });
        using Saved saved = new(tokenizer);
        Tokenizer loaded = Tokenizer.Load(saved.Path);
        string text = "hello </s> 你好 🙂";
        Assert.Equal(tokenizer.Encode(text, addSpecialTokens: true), loaded.Encode(text, addSpecialTokens: true));
        Assert.Contains(0, loaded.Encode(text));
        using JsonDocument main = JsonDocument.Parse(saved.Read("tokenizer.json")), config = JsonDocument.Parse(saved.Read("tokenizer_config.json"));
        Assert.Equal("BPE", main.RootElement.GetProperty("model").GetProperty("type").GetString());
        Assert.Equal(PreTokenizerReader.Llama3Pattern,
            main.RootElement.GetProperty("pre_tokenizer").GetProperty("pretokenizers")[0].GetProperty("pattern").GetProperty("Regex").GetString());
        Assert.Equal("{{ messages }}", config.RootElement.GetProperty("chat_template").GetString());
        Assert.Equal("</s>", config.RootElement.GetProperty("eos_token").GetString());
    }

    private static IEnumerable<string> Repeat(string text, int times) => Enumerable.Repeat(text, times);

    /// <summary>The same training as the papers describe it: all pairs counted again for each merge.</summary>
    private static List<string> Slow(string[] words, int size)
    {
        List<string> tokens = [.. ByteAlphabet.Characters.Order().Select(c => c.ToString())];
        List<List<int>> symbols = [.. words.Select(word => word.Select(c => tokens.IndexOf(c.ToString())).ToList())];
        List<string> made = [];
        while (tokens.Count < size)
        {
            var best = symbols.SelectMany(word => word.Zip(word.Skip(1))).GroupBy(pair => pair).Select(group => (Pair: group.Key,
                Count: group.Count()))
                .OrderByDescending(entry => entry.Count).ThenBy(entry => entry.Pair.First).ThenBy(entry => entry.Pair.Second).FirstOrDefault();
            if (best.Count < 2) break;
            string token = tokens[best.Pair.First] + tokens[best.Pair.Second];
            int id = tokens.IndexOf(token);
            if (id < 0)
            {
                id = tokens.Count;
                tokens.Add(token);
                made.Add(token);
            }

            foreach (List<int> word in symbols)
            {
                for (int i = 0; i + 1 < word.Count; i++)
                {
                    if ((word[i], word[i + 1]) != best.Pair) continue;
                    word[i] = id;
                    word.RemoveAt(i + 1);
                }
            }
        }

        return made;
    }
}

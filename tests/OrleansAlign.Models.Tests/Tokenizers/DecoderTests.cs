using OrleansAlign.Models.Numerics;
using OrleansAlign.Models.Tokenizers;

namespace OrleansAlign.Models.Tests.Tokenizers;

public class DecoderTests
{
    private const string Llama = """
        {"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"▁"},"content":" "},{"type":"ByteFallback"},{"type":"Fuse"},
         {"type":"Strip","content":" ","start":1,"stop":0}]}
        """;

    private static readonly string[] Tokens =
    [
        "▁a", "b", "▁", "▁▁c", "<s>", "Ġa", "Ã", "©", "Ĭ", "ð", "Ł", "Ļ", "Ĥ", "d</w>", "é", "🙂", ".", "Ġ.", "Ġ'", "Ġn't", " ", " .", "'",
        "n't", ",", "<0xC3>", "<0xA9>", "<0xF0>",
        "<0x9F>", "<0x99>", "<0x82>", "<0x41>", "<0x4>", "", "x x", "▁'", "▁s", "!",
    ];

    public static TheoryData<string, string, string> Examples => new()
    {
        { "null", "▁a b", "▁a b" },
        { """{"type":"ByteLevel"}""", "Ġa Ã ©", " aé" },
        { """{"type":"ByteLevel"}""", "ð Ł Ļ Ĥ b", "🙂b" },
        { """{"type":"ByteLevel"}""", "ð Ł b Ã", "\uFFFDb\uFFFD" },
        { """{"type":"ByteLevel"}""", "Ã é ▁a 🙂 ©", "\uFFFD\uFFFD▁a🙂\uFFFD" },
        { """{"type":"ByteFallback"}""", "<0xC3> <0xA9> b <0x41>", "ébA" },
        { """{"type":"ByteFallback"}""", "<0xC3> <0xA9> <0xC3> b <0x4>", "\uFFFD\uFFFD\uFFFDb<0x4>" },
        { Llama, "▁a ▁▁c <s> <0xF0> <0x9F> <0x99> <0x82>", "a  c<s>🙂" },
        { Llama, "▁ ▁a", " a" },
        { Llama, "<s> ▁a", "<s> a" },
        { """{"type":"Metaspace","replacement":"▁","prepend_scheme":"always"}""", "▁a b ▁▁c", "ab  c" },
        { """{"type":"Metaspace","replacement":"▁","add_prefix_space":true}""", "▁▁c ▁a", "c a" },
        { """{"type":"Metaspace","replacement":"▁","prepend_scheme":"never"}""", "▁a b", " ab" },
        { """{"type":"BPEDecoder","suffix":"</w>"}""", "b d</w> b d</w>", "bd bd" },
        { """{"type":"Strip","content":"▁","start":1,"stop":0}""", "▁▁c ▁a", "▁ca" },
        { """{"type":"Sequence","decoders":[{"type":"Fuse"},{"type":"Strip","content":"b","start":1,"stop":2}]}""", "b ▁a b b b", "▁ab" },
        { """{"type":"Sequence","decoders":[{"type":"Fuse"},{"type":"Replace","pattern":{"String":"bb"},"content":"x"}]}""", "b b ▁a b", "x▁ab" },
        { """{"type":"Sequence","decoders":[{"type":"Fuse"},{"type":"ByteLevel"}]}""", "Ã ©", "é" },
        { """{"type":"Replace","pattern":{"Regex":"[bd]"},"content":"-"}""", "b ▁a d</w>", "-▁a-</w>" },
    };

    [Theory]
    [MemberData(nameof(Examples))]
    public void Tokens_become_the_text_of_the_original(string decoder, string tokens, string expected)
    {
        Tokenizer tokenizer = Of(decoder);
        Assert.Equal(expected, tokenizer.Decode([.. tokens.Split(' ').Select(token => tokenizer.IdOf(token)!.Value)]));
    }

    [Fact]
    public void Cleaning_up_applies_the_rules_to_the_whole_text_in_their_order()
    {
        Tokenizer plain = Of("""{"type":"ByteLevel"}"""), cleaned = Of("""{"type":"ByteLevel"}""", cleans: true);
        for (ulong seed = 0; seed < 3000; seed++)
        {
            int[] ids = [.. Enumerable.Range(0, 12).Select(i => CounterRandom.Integer(seed, (ulong)i, 2) == 0
                ? plain.IdOf(new[] { "Ġ.", "Ġ'", "Ġn't", "'", "." }[CounterRandom.Integer(seed, 100 + (ulong)i, 5)])!.Value
                : plain.IdOf(new[] { " ", " .", "b", "n't", "," }[CounterRandom.Integer(seed, 200 + (ulong)i, 5)])!.Value)];
            string text = plain.Decode(ids);
            foreach (string[] rule in new[]
                     {
                         new[] { " .", "." }, [" ?", "?"], [" !", "!"], [" ,", ","], [" ' ", "'"], [" n't", "n't"], [" 'm", "'m"], [" 's",
                             "'s"], [" 've", "'ve"], [" 're", "'re"],
                     })
            {
                text = text.Replace(rule[0], rule[1], StringComparison.Ordinal);
            }

            Assert.Equal(text, cleaned.Decode(ids));
        }
    }

    private static Tokenizer Of(string decoder, bool cleans = false) => TestTokenizer.Of(
        Tokens,
        [],
        json => json["decoder"] = decoder == "null" ? null : TestTokenizer.Node(decoder),
        cleans ? """{"clean_up_tokenization_spaces":true}""" : null);
}

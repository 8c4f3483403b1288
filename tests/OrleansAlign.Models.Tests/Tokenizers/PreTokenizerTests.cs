namespace OrleansAlign.Models.Tests.Tokenizers;

public class PreTokenizerTests
{
    private const string Gpt2 = """{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true}""";

    [Theory]
    [InlineData("""{"type":"Digits","individual_digits":true}""", "a12 ½x", "a|1|2| |½|x")]
    [InlineData("""{"type":"Digits","individual_digits":false}""", "a12 ½x", "a|12| |½|x")]
    [InlineData("""{"type":"Punctuation"}""", "Hey, you!! $3", "Hey|,| you|!|!| |$|3")]
    [InlineData("""{"type":"Punctuation","behavior":"Contiguous"}""", "a!!b", "a|!!|b")]
    [InlineData("""{"type":"Whitespace"}""", "Hey man!  I'm é𝒳 🙂", "Hey|man|!|I|'|m|é𝒳|🙂")]
    [InlineData("""{"type":"WhitespaceSplit"}""", " Hey\u00A0man!\n x ", "Hey|man!|x")]
    [InlineData("""{"type":"Metaspace","replacement":"▁","add_prefix_space":true}""", "Hey  you", "▁Hey|▁|▁you")]
    [InlineData("""{"type":"Metaspace","replacement":"▁","add_prefix_space":false}""", "Hey you", "Hey|▁you")]
    [InlineData("""{"type":"Metaspace","replacement":"▁","prepend_scheme":"always","split":false}""", "Hey you", "▁Hey▁you")]
    [InlineData("""{"type":"Metaspace","replacement":"▁","prepend_scheme":"never"}""", "Hey you", "Hey|▁you")]
    [InlineData("""{"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":true}""", " Hey", "▁Hey")]
    [InlineData("""{"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},{"type":"Digits","individual_digits":true}]}""", "a1 b", "a|1|b")]
    [InlineData("""{"type":"Split","pattern":{"String":"-"},"behavior":"MergedWithNext","invert":false}""", "a-b", "a|-b")]
    [InlineData("""{"type":"Split","pattern":{"Regex":"\\d"},"behavior":"Isolated","invert":false}""", "a12b", "a|1|2|b")]
    [InlineData("""{"type":"Split","pattern":{"String":""},"behavior":"Isolated","invert":false}""", "aé🙂", "a|é|🙂")]
    [InlineData(Gpt2, "Hello  my\n\nfriend's", "Hello|Ġ|Ġmy|Ċ|Ċ|friend|'s")]
    [InlineData("""{"type":"ByteLevel","add_prefix_space":true,"use_regex":false}""", "Hello é", "ĠHelloĠÃ©")]
    [InlineData("""{"type":"ByteLevel","add_prefix_space":true}""", " Hello", "ĠHello")]
    public void Words_are_those_of_the_original(string json, string text, string expected) =>
        Assert.Equal(expected, string.Join('|', TestTokenizer.Words(json, text)));

    [Fact]
    public void A_mark_comes_first_only_where_the_input_starts()
    {
        const string First = """{"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":true}""";
        Assert.Equal(["▁a", "▁b"], TestTokenizer.Words(First, "a b", startsInput: true));
        Assert.Equal(["a", "▁b"], TestTokenizer.Words(First, "a b", startsInput: false));
    }

    [Theory]
    [InlineData("""{"type":"UnicodeScripts"}""", "UnicodeScripts")]
    [InlineData("""{"type":"Split","pattern":{"Regex":"("},"behavior":"Isolated"}""", "does not end")]
    [InlineData("""{"type":"Split","pattern":{},"behavior":"Isolated"}""", "Regex")]
    [InlineData("""{"type":"Split","pattern":{"String":"a"},"behavior":"Eaten"}""", "Eaten")]
    [InlineData("""{"type":"Metaspace","replacement":"ab"}""", "one character")]
    [InlineData("""{"type":"Metaspace","replacement":"_","prepend_scheme":"always","add_prefix_space":false}""", "contradicts")]
    [InlineData("""{"type":"Metaspace","replacement":"_","prepend_scheme":"sometimes"}""", "sometimes")]
    [InlineData("""{"typo":"Digits"}""", "type")]
    [InlineData("3", "3")]
    public void What_is_not_understood_is_named(string json, string named)
    {
        InvalidDataException e = Assert.Throws<InvalidDataException>(() => TestTokenizer.Words(json, "a"));
        Assert.Contains(named, e.Message, StringComparison.Ordinal);
        Assert.StartsWith("here: pre_tokenizer", e.Message, StringComparison.Ordinal);
    }
}

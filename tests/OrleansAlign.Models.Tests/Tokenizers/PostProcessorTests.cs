using OrleansAlign.Models.Tokenizers;

namespace OrleansAlign.Models.Tests.Tokenizers;

public class PostProcessorTests
{
    private const string Template = """
        {"type":"TemplateProcessing",
         "single":[{"SpecialToken":{"id":"<s>","type_id":0}},{"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"end","type_id":0}}],
         "pair":[],"special_tokens":{"<s>":{"id":"<s>","ids":[1],"tokens":["<s>"]},"end":{"id":"end","ids":[2,3],"tokens":["x","y"]}}}
        """;

    [Theory]
    [InlineData("null", "0")]
    [InlineData("""{"type":"ByteLevel","trim_offsets":false}""", "0")]
    [InlineData("""{"type":"BertProcessing","sep":["</s>",2],"cls":["<s>",1]}""", "1 0 2")]
    [InlineData("""{"type":"RobertaProcessing","sep":["</s>",2],"cls":["<s>",1],"trim_offsets":true,"add_prefix_space":false}""", "1 0 2")]
    [InlineData(Template, "1 0 2 3")]
    [InlineData("""{"type":"Sequence","processors":[{"type":"ByteLevel"},""" + Template + "]}", "1 0 2 3")]
    [InlineData("""{"type":"Sequence","processors":[{"type":"BertProcessing","sep":["",3],"cls":["",3]},""" + Template + "]}", "1 3 0 3 2 3")]
    public void Tokens_are_put_around_a_sequence(string json, string expected)
    {
        Tokenizer tokenizer = TestTokenizer.Of(["a", "<s>", "</s>", "x"], [], file => file["post_processor"] = json == "null"
            ? null : TestTokenizer.Node(json));
        Assert.Equal(expected, string.Join(' ', tokenizer.Encode("a", addSpecialTokens: true)));
        Assert.Equal([0], tokenizer.Encode("a"));
    }

    [Theory]
    [InlineData("LlamaTokenizer", "", "1 0")]
    [InlineData("LlamaTokenizerFast", ""","add_bos_token":true,"add_eos_token":true""", "1 0 2")]
    [InlineData("LlamaTokenizer", ""","add_bos_token":false""", "0")]
    [InlineData("PreTrainedTokenizerFast", ""","add_bos_token":true""", "0")]
    public void Llama_s_classes_add_tokens_where_no_post_processor_does(string type, string more, string expected)
    {
        string config = $$"""{"tokenizer_class":"{{type}}","bos_token":"<s>","eos_token":"</s>"{{more}}}""";
        Assert.Equal(expected, string.Join(' ', TestTokenizer.Of(["a", "<s>", "</s>"], [], config: config).Encode("a", addSpecialTokens: true)));
    }

    [Theory]
    [InlineData("""{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>"}}],"special_tokens":{}}""", "<s>")]
    [InlineData("""{"type":"TemplateProcessing","single":[{"Sequence":{"id":"B"}}],"special_tokens":{}}""", "sequence 'A'")]
    [InlineData("""{"type":"TemplateProcessing","single":[{}],"special_tokens":{}}""", "neither")]
    [InlineData("""{"type":"BertProcessing","sep":["",1]}""", "cls")]
    [InlineData("""{"type":"BertProcessing","sep":["",1],"cls":["",99]}""", "99")]
    [InlineData("""{"type":"BertProcessing","sep":["",1],"cls":["",-1]}""", "-1")]
    [InlineData("""{"type":"Other"}""", "Other")]
    public void What_is_not_understood_is_named(string json, string named)
    {
        InvalidDataException e = Assert.Throws<InvalidDataException>(() => TestTokenizer.Of(["a", "b"], [], file =>
            file["post_processor"] = TestTokenizer.Node(json)));
        Assert.Contains(named, e.Message, StringComparison.Ordinal);
    }
}

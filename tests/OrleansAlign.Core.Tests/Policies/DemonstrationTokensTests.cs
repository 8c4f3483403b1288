using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using OrleansAlign.Core.Policies;
using OrleansAlign.Models.Chat;
using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Text;

namespace OrleansAlign.Core.Tests.Policies;

public sealed class DemonstrationTokensTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("align-templates-").FullName;

    public static TheoryData<string> Families => [.. TemplateStyle.All.Keys];

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [MemberData(nameof(Families))]
    public void A_demonstrations_tokens_are_the_rendered_conversations_and_its_answer_is_trained_with_its_end_of_turn(string family)
    {
        TemplateStyle style = TemplateStyle.All[family];
        ConversationEncoder encoder = Encoder(style);
        ChatTemplate template = ChatTemplate.Load(folder)!;

        Prop.ForAll(Conversations(style.TakesSystem).ToArbitrary(), messages =>
        {
            string whole = template.Render(messages, addGenerationPrompt: false).Text;

            TokenSequence row = encoder.Demonstration(messages);

            int[] rendered = encoder.Tokenizer.Encode(MarkedText.OfFrame(whole));
            bool writesEnd = style.EndOfTurn.Length > 0;
            Assert.Equal(rendered, writesEnd ? row.Tokens : row.Tokens[..^1]);
            string trained = encoder.Tokenizer.Decode(Trained(row), skipSpecialTokens: false);
            Assert.EndsWith(writesEnd ? style.EndOfTurn : style.Eos, trained, StringComparison.Ordinal);
            Assert.Contains(messages[^1].Content.Split("</think>")[^1].Trim(), trained, StringComparison.Ordinal);
            foreach (ChatMessage earlier in messages.SkipLast(1)) Assert.DoesNotContain(earlier.Content.Trim(), trained, StringComparison.Ordinal);
            Assert.Equal(encoder.EndOfTurn, Trained(row)[^1]);
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_response_may_end_as_the_template_ends_turns_or_as_the_model_ends_texts(string family)
    {
        TemplateStyle style = TemplateStyle.All[family];
        ConversationEncoder encoder = Encoder(style);

        string end = style.EndOfTurn.Length > 0 ? style.EndOfTurn : style.Eos;
        Assert.Equal(encoder.Tokenizer.IdOf(end), encoder.EndOfTurn);
        Assert.Equal([.. new[] { style.Eos, end }.Distinct().Select(t => encoder.Tokenizer.IdOf(t)!.Value)], encoder.StopTokens);
        Assert.Equal(end != style.Eos || style.EndOfTurn.Length == 0, encoder.Notes.Count == 1);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void An_answer_of_the_data_follows_exactly_the_tokens_of_its_prompt(string family)
    {
        ConversationEncoder encoder = Encoder(TemplateStyle.All[family]);
        ChatMessage[] prompt = [new("user", "the quick </s><|im_end|> fox")];

        TokenSequence row = encoder.Answer(prompt, "a lazy dog");

        Assert.Equal(encoder.Prompt(prompt), row.Tokens[..row.PromptLength]);
        Assert.Equal(encoder.EndOfTurn, row.Tokens[^1]);
        Assert.Equal("a lazy dog", encoder.Text(row.Tokens.AsSpan(row.PromptLength)).Replace("<think>", "").Replace("</think>", "").Trim());
    }

    [Fact]
    public void A_thought_in_a_demonstration_is_the_models_thought()
    {
        ConversationEncoder encoder = Encoder(TemplateStyle.All["qwen-3"]);

        TokenSequence row = encoder.Demonstration([new("user", "the dog"), new("assistant", "<think>\nlazy\n</think>\n\nfox")]);

        int[] trained = Trained(row);
        Assert.Equal(encoder.Tokenizer.IdOf("<think>"), trained[0]);
        Assert.Contains(encoder.Tokenizer.IdOf("</think>")!.Value, trained);
        Assert.Equal("<think>\nlazy\n</think>\n\nfox<|im_end|>", encoder.Tokenizer.Decode(trained, skipSpecialTokens: false));
    }

    [Fact]
    public void Variables_reach_prompts_and_demonstrations_and_a_rows_own_come_first()
    {
        ConversationEncoder encoder = Encoder(TemplateStyle.All["qwen-3"]), quiet = encoder.With(new JsonObject { ["enable_thinking"] = false });
        ChatMessage[] ask = [new("user", "the dog")];

        Assert.EndsWith("assistant\n<think>\n\n</think>\n\n", encoder.Tokenizer.Decode(quiet.Prompt(ask), skipSpecialTokens: false), StringComparison.Ordinal);
        Assert.Equal(encoder.Prompt(ask), quiet.Prompt(ask, new JsonObject { ["enable_thinking"] = true }));
        TokenSequence row = quiet.Demonstration([.. ask, new("assistant", "fox")]);
        Assert.Equal("fox<|im_end|>", encoder.Tokenizer.Decode(Trained(row), skipSpecialTokens: false));
    }

    [Fact]
    public void An_answer_of_which_the_template_writes_nothing_is_refused()
    {
        const string OnlyUsers = "{% for m in messages if m.role == 'user' %}{{ m.content }}{% endfor %}";
        ConversationEncoder encoder = Encoder(TemplateStyle.All["plain"] with { Template = OnlyUsers });

        var error = Assert.Throws<InvalidDataException>(() => encoder.Demonstration([new("user", "the dog"), new("assistant", "fox")]));
        Assert.Contains("writes nothing of the last answer", error.Message, StringComparison.Ordinal);
    }

    private static int[] Trained(TokenSequence row) =>
        [.. Enumerable.Range(0, row.CompletionLength).Where(i => row.Trained?[i] ?? true).Select(i => row.Tokens[row.PromptLength + i])];

    private static Gen<ChatMessage[]> Conversations(bool takesSystem)
    {
        Gen<string> word = Gen.Elements("the", "quick", "fox", " ", "\n", "é", "犬", "<", "</s", "[INST", "{", "’", "1", "  ");
        Gen<string> text = Gen.Choose(1, 8).SelectMany(n => word.ListOf(n)).Select(words => string.Concat(words));
        Gen<string> thought = Gen.OneOf(Gen.Constant(""), Gen.Constant("<think>\nhm\n</think>\n\n"));
        return from turns in Gen.Choose(1, 3)
               from system in Gen.Choose(0, takesSystem ? 1 : 0)
               from asked in text.ListOf(turns)
               from said in text.ListOf(turns)
               from thoughts in thought.ListOf(turns)
               select (ChatMessage[])
               [
                   .. system == 1 ? [new ChatMessage("system", "S0")] : (ChatMessage[])[],
                   .. Enumerable.Range(0, turns).SelectMany(t => new ChatMessage[]
                   {
                       new("user", $"Q{t}{asked[t]}"), new("assistant", $"{thoughts[t]}A{t}{said[t]}"),
                   }),
               ];
    }

    private ConversationEncoder Encoder(TemplateStyle style)
    {
        style.Write(folder);
        return new ConversationEncoder(folder, new ModelConfig
        {
            Architecture = Architecture.Llama, HiddenSize = 16, IntermediateSize = 24, Layers = 1, Heads = 2, KeyValueHeads = 1, HeadSize = 8,
            VocabularySize = 330, ContextLength = 512,
        });
    }
}

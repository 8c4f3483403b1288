using OrleansAlign.Core.Policies;
using OrleansAlign.Models.Chat;
using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Tokenizers;

namespace OrleansAlign.Core.Tests.Policies;

public sealed class StoppedClockTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("align-encoder-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_template_that_writes_the_date_writes_the_same_one_on_every_day()
    {
        ConversationEncoder encoder = Encoder("{{ strftime_now('%d %b %Y') }}: {{ messages[0].content }}");

        Assert.Equal("26 Jul 2024: hello", encoder.Text(encoder.Prompt([new ChatMessage("user", "hello")])));
    }

    private ConversationEncoder Encoder(string template)
    {
        Tokenizer tokenizer = BpeTrainer.Train(
            ["hello there"],
            new BpeTrainerOptions
            {
                VocabularySize = 280, SpecialTokens = ["<|end|>", "<|system|>", "<|user|>", "<|assistant|>"], EosToken = "<|end|>", ChatTemplate = template,
            });
        tokenizer.Save(folder);
        return new ConversationEncoder(folder, new ModelConfig
        {
            Architecture = Architecture.Llama, HiddenSize = 16, IntermediateSize = 24, Layers = 1, Heads = 2, KeyValueHeads = 1, HeadSize = 8,
            VocabularySize = tokenizer.VocabularySize, ContextLength = 64, EosTokenIds = [0],
        });
    }
}

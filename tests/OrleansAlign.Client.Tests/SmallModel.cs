using OrleansAlign.Core.Runs;
using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Tokenizers;

namespace OrleansAlign.Client.Tests;

/// <summary>A model of a few thousand weights in a folder of its own, with tokenizer and chat template.</summary>
public sealed class SmallModel : IDisposable
{
    public SmallModel()
    {
        Folder = Directory.CreateTempSubdirectory("align-model-").FullName;
        Tokenizer tokenizer = BpeTrainer.Train(
            ["name three birds", "owl hen crow"],
            new BpeTrainerOptions
            {
                VocabularySize = 280, SpecialTokens = ["<|end|>", "<|system|>", "<|user|>", "<|assistant|>"], EosToken = "<|end|>",
                ChatTemplate = FirstModel.DefaultChatTemplate,
            });
        tokenizer.Save(Folder);
        Checkpoint.Save(ModelWeights.Initialize(Config(tokenizer.VocabularySize), seed: 1, deviation: 0.2), Folder);
    }

    public string Folder { get; }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static ModelConfig Config(int vocabulary) => new()
    {
        Architecture = Architecture.Llama, HiddenSize = 16, IntermediateSize = 24, Layers = 2, Heads = 2, KeyValueHeads = 1, HeadSize = 8,
        VocabularySize = vocabulary, ContextLength = 32,
        TiedEmbeddings = true, EosTokenIds = [0],
    };
}

using OrleansAlign.Core.Runs;
using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Ports;
using OrleansAlign.Models.Chat;
using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Tokenizers;

namespace OrleansAlign.Core.Tests.Policies;

/// <summary>Policies of a few thousand random weights, as folders that a store finds by hash.</summary>
internal sealed class TinyPolicy : IPolicyStore, IDisposable
{
    public static readonly ChatMessage[] Ask = [new("user", "say red")];

    public string Root { get; } = Directory.CreateTempSubdirectory("align-policy-").FullName;

    /// <summary>Makes a policy and returns its hash.</summary>
    public string Make(ulong seed = 1, int context = 64)
    {
        Tokenizer tokenizer = BpeTrainer.Train(
            ["say red", "say blue", "red red", "blue blue"],
            new BpeTrainerOptions
            {
                VocabularySize = 280, SpecialTokens = ["<|end|>", "<|system|>", "<|user|>", "<|assistant|>"], EosToken = "<|end|>",
                ChatTemplate = FirstModel.DefaultChatTemplate,
            });
        string aside = Path.Combine(Root, "tokenizer");
        tokenizer.Save(aside);
        return Add(
            ModelWeights.Initialize(
                new ModelConfig
                {
                    Architecture = Architecture.Llama, HiddenSize = 16, IntermediateSize = 24, Layers = 2, Heads = 2, KeyValueHeads = 1, HeadSize = 8,
                    VocabularySize = tokenizer.VocabularySize, ContextLength = context, TiedEmbeddings = true, EosTokenIds = [tokenizer.EosTokenId!.Value],
                },
                seed, deviation: 0.3),
            aside);
    }

    public LoadedPolicy Load(string hash) => LoadedPolicy.Load(Folder(hash), EngineCatalog.Managed, EngineChoice.Managed(1));

    public string Folder(string policy) => Path.Combine(Root, policy);

    public bool Has(string policy) => Directory.Exists(Folder(policy));

    public string Add(ModelWeights weights, string tokenizerFolder)
    {
        string hash = weights.Hash();
        Directory.CreateDirectory(Folder(hash));
        foreach (string name in new[] { "tokenizer.json", "tokenizer_config.json" })
        {
            File.Copy(Path.Combine(tokenizerFolder, name), Path.Combine(Folder(hash), name), overwrite: true);
        }

        Checkpoint.Save(weights, Folder(hash));
        return hash;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}

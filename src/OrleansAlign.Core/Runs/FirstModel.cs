using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansAlign.Core.Data;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Tokenizers;

namespace OrleansAlign.Core.Runs;

/// <summary>Weights and tokenizer of the policy that a run begins with.</summary>
public static class FirstModel
{
    /// <summary>The template of a new model whose recipe names none: one line of control tokens per turn.</summary>
    public const string DefaultChatTemplate =
        "{% for message in messages %}"
        + "{% if message.role == 'system' %}<|system|>{% elif message.role == 'user' %}<|user|>{% elif message.role == 'assistant' %}<|assistant|>"
        + "{% else %}{{ raise_exception('roles are system, user and assistant') }}{% endif %}"
        + "{{ message.content }}<|end|>{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}";

    private const string End = "<|end|>";
    private static readonly string[] ControlTokens = [End, "<|system|>", "<|user|>", "<|assistant|>"];

    /// <summary>Reads or makes the first weights and their tokenizer.</summary>
    /// <param name="file">The recipe.</param>
    /// <param name="seed">Seed of new weights.</param>
    /// <param name="tokenizerFolder">Folder to which a trained tokenizer is written.</param>
    /// <returns>The weights, and the folder of the tokenizer that belongs to them.</returns>
    public static (ModelWeights Weights, string TokenizerFolder) Prepare(RecipeFile file, ulong seed, string tokenizerFolder)
    {
        if (file.Recipe.Model.Path is { } path)
        {
            string folder = file.Resolve(path);
            return (Checkpoint.Load(folder), folder);
        }

        NewModelOptions options = file.Recipe.Model.New!;
        Tokenizer tokenizer;
        if (options.Tokenizer.Path is { } existing)
        {
            tokenizerFolder = file.Resolve(existing);
            tokenizer = Tokenizer.Load(tokenizerFolder);
        }
        else
        {
            string template = options.ChatTemplate is { } own ? File.ReadAllText(file.Resolve(own)) : DefaultChatTemplate;
            var training = new BpeTrainerOptions
            {
                VocabularySize = options.Tokenizer.VocabularySize, SpecialTokens = ControlTokens, EosToken = End, ChatTemplate = template,
            };
            tokenizer = BpeTrainer.Train(options.Tokenizer.TrainOn.SelectMany(p => DataPaths.Files(file.Resolve(p))).SelectMany(Texts), training);
            tokenizer.Save(tokenizerFolder);
        }

        var config = new ModelConfig
        {
            Architecture = options.Architecture,
            HiddenSize = options.HiddenSize,
            IntermediateSize = options.IntermediateSize,
            Layers = options.Layers,
            Heads = options.Heads,
            KeyValueHeads = options.KeyValueHeads,
            HeadSize = options.HiddenSize / options.Heads,
            VocabularySize = tokenizer.VocabularySize,
            ContextLength = options.ContextLength,
            RopeTheta = options.RopeTheta,
            TiedEmbeddings = options.TiedEmbeddings,
            QueryKeyValueBias = options.Architecture == Architecture.Qwen2,
            QueryKeyNorm = options.Architecture == Architecture.Qwen3,
            EosTokenIds = tokenizer.EosTokenId is { } eos ? [eos] : [],
        };
        // Weights, gradients and two moments, a float each.
        double needed = 16.0 * config.ParameterCount, available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (needed > available)
        {
            throw new InvalidDataException(
                $"model.new has {config.ParameterCount:N0} weights, which take {needed / (1 << 30):F1} GiB to train; "
                + $"this machine has {available / (1 << 30):F1} GiB: choose smaller sizes");
        }

        return (ModelWeights.Initialize(config, seed, options.Deviation), tokenizerFolder);
    }

    /// <summary>Every text in a file of JSON lines or a Parquet file, keys excluded.</summary>
    private static IEnumerable<string> Texts(string path)
    {
        if (ParquetRows.IsParquet(path))
        {
            using FileStream stream = File.OpenRead(path);
            foreach ((_, Func<JsonObject?> row) in ParquetRows.Read(stream, path))
            {
                using JsonDocument fields = JsonSerializer.SerializeToDocument(row());
                foreach (string found in Texts(fields.RootElement)) yield return found;
            }

            yield break;
        }

        int line = 0;
        foreach (string text in File.ReadLines(path))
        {
            line++;
            if (string.IsNullOrWhiteSpace(text)) continue;
            JsonDocument document;
            try
            {
                document = JsonDocument.Parse(text);
            }
            catch (JsonException error)
            {
                throw new InvalidDataException($"{path}:{line}: not valid JSON ({error.Message.Split('.')[0]}); each line is one JSON value", error);
            }

            using (document)
            {
                foreach (string found in Texts(document.RootElement)) yield return found;
            }
        }
    }

    private static IEnumerable<string> Texts(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => [element.GetString()!],
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Texts),
        JsonValueKind.Object => element.EnumerateObject().SelectMany(p => Texts(p.Value)),
        _ => [],
    };
}

using System.Globalization;
using System.Text.Json.Nodes;

namespace OrleansAlign.Models.Checkpoints;

/// <summary>Reads and writes <c>config.json</c> as Hugging Face publishes it for Llama 2/3, Mistral, Qwen 2/2.5 and Qwen 3.</summary>
/// <remarks>
/// A setting that changes the numbers and is not implemented (another activation, a bias in the MLP, quantised weights …) is refused with one line; keys that
/// only concern training or other tools are ignored. Departure from Hugging Face: a Qwen 3 file without <c>head_dim</c> means C / H, not 128.
/// </remarks>
public static class ModelConfigFile
{
    /// <summary>The file's name in a checkpoint's directory.</summary>
    public const string FileName = "config.json";

    /// <summary>The file beside it whose <c>eos_token_id</c>, if given, is the one to stop at.</summary>
    public const string GenerationFileName = "generation_config.json";

    // Bounds far above every published model: they keep a hostile file from overflowing a product or filling the memory before a weight is read.
    private const int MostWidth = 1 << 20;
    private const int MostLayers = 1 << 12;

    /// <summary>Longest context and largest vocabulary.</summary>
    internal const int MostTokens = 1 << 24;

    /// <summary>Reads a file, and the <c>generation_config.json</c> beside it where there is one.</summary>
    /// <param name="path">Path of <c>config.json</c>.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is broken, or describes a model that is not implemented.</exception>
    public static ModelConfig Read(string path)
    {
        if (!File.Exists(path)) throw new FileNotFoundException($"{path} does not exist; a model's config.json is expected there", path);
        ConfigFields fields = ConfigFields.Parse(path);
        Architecture architecture = ReadArchitecture(fields);
        RefuseWhatIsNotImplemented(fields, architecture);

        int heads = fields.Integer("num_attention_heads", 1, MostWidth);
        int hidden = fields.Integer("hidden_size", 1, MostWidth);
        if (!fields.Has("head_dim") && hidden % heads != 0)
        {
            throw fields.Broken("num_attention_heads", $"it must divide hidden_size, {hidden}, unless head_dim is given");
        }
        bool llama = architecture == Architecture.Llama;

        // Absent, Mistral's and Qwen's classes have a number of their own; null means as many as query heads for all of them.
        int keyValueHeads = fields.Integer("num_key_value_heads", 1, heads, llama || fields.IsNull("num_key_value_heads") ? heads : null);
        if (heads % keyValueHeads != 0) throw fields.Broken("num_key_value_heads", $"it must divide num_attention_heads, {heads}");
        int headSize = fields.Integer("head_dim", 1, MostWidth, hidden / heads);
        if (headSize % 2 != 0) throw fields.Broken("head_dim", $"rotary embedding needs an even head size, and it is {headSize}");

        bool attentionBias = architecture is Architecture.Llama or Architecture.Qwen3 && fields.Flag("attention_bias", false);
        int vocabulary = fields.Integer("vocab_size", 1, MostTokens);
        var config = new ModelConfig
        {
            Architecture = architecture,
            HiddenSize = hidden,
            IntermediateSize = fields.Integer("intermediate_size", 1, MostWidth),
            Layers = fields.Integer("num_hidden_layers", 1, MostLayers),
            Heads = heads,
            KeyValueHeads = keyValueHeads,
            HeadSize = headSize,
            VocabularySize = vocabulary,
            ContextLength = fields.Integer("max_position_embeddings", 1, MostTokens, llama ? 2048 : null),
            NormEpsilon = fields.Positive("rms_norm_eps", 1e-6),
            TiedEmbeddings = fields.Flag("tie_word_embeddings", false),
            QueryKeyValueBias = attentionBias || architecture == Architecture.Qwen2,
            OutputBias = attentionBias,
            QueryKeyNorm = architecture == Architecture.Qwen3,
            BosTokenId = ReadBos(fields, vocabulary),
            EosTokenIds = ReadEos(path, fields, vocabulary),
        };
        RefuseHugeTensors(path, config);
        return WindowFields.Read(fields, RopeFields.Read(fields, config));
    }

    /// <summary>Writes <c>config.json</c> (aside, then renamed) so that Hugging Face's and other loaders read it.</summary>
    /// <param name="config">The sizes.</param>
    /// <param name="path">Path of <c>config.json</c>.</param>
    /// <exception cref="ArgumentException">The configuration has biases or norms that its architecture's files cannot express.</exception>
    public static void Write(ModelConfig config, string path)
    {
        bool bothBiases = config.QueryKeyValueBias && config.OutputBias, noBias = !config.QueryKeyValueBias && !config.OutputBias;
        bool expressible = config.Architecture switch
        {
            Architecture.Llama => (bothBiases || noBias) && !config.QueryKeyNorm && config.SlidingWindow is null,
            Architecture.Mistral => noBias && !config.QueryKeyNorm,
            Architecture.Qwen2 => config.QueryKeyValueBias && !config.OutputBias && !config.QueryKeyNorm,
            _ => (bothBiases || noBias) && config.QueryKeyNorm,
        };
        if (!expressible)
        {
            string window = config.SlidingWindow?.ToString(CultureInfo.InvariantCulture) ?? "none";
            throw new ArgumentException(
                $"a {config.Architecture} config.json cannot express biases on qkv = {config.QueryKeyValueBias}, on the output = "
                + $"{config.OutputBias} with q/k norm = {config.QueryKeyNorm} and a sliding window of {window}", nameof(config));
        }

        var json = new JsonObject
        {
            ["architectures"] = new JsonArray($"{config.Architecture}ForCausalLM"),
            ["model_type"] = ModelType(config.Architecture),
            ["hidden_size"] = config.HiddenSize,
            ["intermediate_size"] = config.IntermediateSize,
            ["num_hidden_layers"] = config.Layers,
            ["num_attention_heads"] = config.Heads,
            ["num_key_value_heads"] = config.KeyValueHeads,
            ["head_dim"] = config.HeadSize,
            ["vocab_size"] = config.VocabularySize,
            ["max_position_embeddings"] = config.ContextLength,
            ["hidden_act"] = "silu",
            ["rms_norm_eps"] = config.NormEpsilon,
            ["rope_theta"] = config.RopeTheta,
            ["rope_scaling"] = RopeFields.Scaling(config),
        };
        if (config.Architecture is Architecture.Llama or Architecture.Qwen3) json["attention_bias"] = config.OutputBias;
        if (config.RopeScaling == RopeScaling.LongRope) json["original_max_position_embeddings"] = config.RopeOriginalContext;
        WindowFields.Write(json, config);
        json["tie_word_embeddings"] = config.TiedEmbeddings;
        AddTokenIds(json, config);
        json["torch_dtype"] = "float32";
        AtomicFile.Write(path, json);
    }

    /// <summary>Adds <c>bos_token_id</c> and <c>eos_token_id</c> as both files have them: null, one id or a list.</summary>
    internal static void AddTokenIds(JsonObject json, ModelConfig config)
    {
        json["bos_token_id"] = config.BosTokenId;
        json["eos_token_id"] = config.EosTokenIds switch
        {
            [] => null,
            [int id] => id,
            var ids => new JsonArray([.. ids.Select(id => (JsonNode)id)]),
        };
    }

    private static string ModelType(Architecture architecture) => architecture switch
    {
        Architecture.Llama => "llama",
        Architecture.Mistral => "mistral",
        Architecture.Qwen2 => "qwen2",
        _ => "qwen3",
    };

    private static Architecture ReadArchitecture(ConfigFields fields)
    {
        string? type = fields.String("model_type");
        foreach (Architecture architecture in Enum.GetValues<Architecture>())
        {
            if (type == ModelType(architecture)) return architecture;
        }

        throw fields.Broken("model_type", "llama, mistral, qwen2 and qwen3 are read; convert the model or choose one of these");
    }

    private static void RefuseWhatIsNotImplemented(ConfigFields fields, Architecture architecture)
    {
        if ((fields.String("hidden_act") ?? "silu") is not ("silu" or "swish")) throw fields.Broken("hidden_act", "only silu is implemented");
        if (fields.Flag("mlp_bias", false)) throw fields.Broken("mlp_bias", "biases in the MLP are not implemented");
        if (architecture == Architecture.Mistral && fields.Flag("attention_bias", false))
        {
            throw fields.Broken("attention_bias", "Mistral has no attention biases");
        }
        foreach (string key in (string[])["quantization_config", "compression_config"])
        {
            if (fields.Has(key)) throw fields.Broken(key, "quantised weights are not read; fetch or save the model in F32, BF16 or F16");
        }

        if (fields.Positive("partial_rotary_factor", 1) != 1) throw fields.Broken("partial_rotary_factor", "only 1 is implemented");
    }

    private static int? ReadBos(ConfigFields fields, int vocabulary) => fields.TokenIds("bos_token_id", vocabulary) switch
    {
        null or [] => null,
        [int id] => id,
        _ => throw fields.Broken("bos_token_id", "it must be one token id"),
    };

    private static IReadOnlyList<int> ReadEos(string path, ConfigFields fields, int vocabulary)
    {
        string generation = Path.Combine(Path.GetDirectoryName(path) ?? "", GenerationFileName);
        IReadOnlyList<int>? own = fields.TokenIds("eos_token_id", vocabulary);
        IReadOnlyList<int>? overriding = File.Exists(generation) ? ConfigFields.Parse(generation).TokenIds("eos_token_id", vocabulary) : null;
        return overriding ?? own ?? [];
    }

    private static void RefuseHugeTensors(string path, ModelConfig config)
    {
        foreach ((string name, int[] shape) in (config with { Layers = 1 }).TensorShapes())
        {
            if (shape.Any(s => s < 1) || shape.Aggregate(1L, (product, size) => product * size) > Array.MaxLength)
            {
                throw new InvalidDataException(
                    $"{path}: these sizes make {name} [{string.Join(", ", shape)}]; one tensor has at most {Array.MaxLength} elements");
            }
        }
    }
}

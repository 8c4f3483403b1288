using System.Text.Json.Nodes;

namespace OrleansAlign.Models.Checkpoints;

/// <summary>The rotary embedding's part of <c>config.json</c>, in its published forms.</summary>
/// <remarks>
/// <c>rope_theta</c> with <c>rope_scaling</c>, whose kind is called <c>rope_type</c> or, in older files, <c>type</c>; or one object,
/// <c>rope_parameters</c> or <c>rope_scaling</c>, which holds both. A base inside the object goes before the one beside it. A key that the kind does not
/// have is refused: it would change the numbers in another program.
/// </remarks>
internal static class RopeFields
{
    private const string Original = "original_max_position_embeddings";

    /// <summary>The keys that every kind may have.</summary>
    private static readonly string[] Common = ["rope_type", "type", "rope_theta", "partial_rotary_factor", Original];

    /// <summary>The keys of each kind. <c>finetuned</c> says how a YaRN model was made and changes nothing.</summary>
    private static readonly Dictionary<string, string[]> KeysOf = new(StringComparer.Ordinal)
    {
        ["default"] = [],
        ["linear"] = ["factor"],
        ["dynamic"] = ["factor"],
        ["llama3"] = ["factor", "low_freq_factor", "high_freq_factor"],
        ["yarn"] = ["factor", "attention_factor", "beta_fast", "beta_slow", "mscale", "mscale_all_dim", "truncate", "finetuned"],
        ["longrope"] = ["factor", "attention_factor", "short_factor", "long_factor"],
    };

    /// <summary>Completes a configuration with base and scaling of the rotary frequencies.</summary>
    public static ModelConfig Read(ConfigFields fields, ModelConfig config)
    {
        ConfigFields? parameters = fields.Object("rope_parameters"), scaling = fields.Object("rope_scaling");
        if (parameters is not null && scaling is not null && !fields.Same("rope_parameters", "rope_scaling"))
        {
            throw fields.Broken("rope_scaling", "it differs from rope_parameters, the newer form of the same; keep the one that is right");
        }

        ConfigFields? rope = parameters ?? scaling;
        config = config with { RopeTheta = rope is not null && rope.Has("rope_theta") ? rope.Positive("rope_theta") : fields.Positive("rope_theta", 10000) };
        if (rope is null) return config;
        if (rope.Positive("partial_rotary_factor", 1) != 1) throw rope.Broken("partial_rotary_factor", "only 1 is implemented");

        string kind = Kind(rope, parameters is not null);
        foreach (string key in rope.Keys)
        {
            if (!Common.Contains(key) && !KeysOf[kind].Contains(key))
            {
                throw rope.Broken(key, $"the kind {kind} has no such key, only {string.Join(", ", Common.Concat(KeysOf[kind]))}; remove or correct it");
            }
        }

        int? original = rope.Has(Original) ? rope.Integer(Original, 1, int.MaxValue)
            : fields.Has(Original) ? fields.Integer(Original, 1, int.MaxValue) : null;
        return kind switch
        {
            "linear" => config with { RopeScaling = RopeScaling.Linear, RopeFactor = rope.Positive("factor") },
            "dynamic" => config with
            {
                RopeScaling = RopeScaling.Dynamic, RopeFactor = rope.Positive("factor"), RopeOriginalContext = original ?? config.ContextLength,
            },
            "llama3" => Llama3(rope, config),
            "yarn" => Yarn(rope, config, original),
            "longrope" => LongRope(rope, config, original),
            _ => config,
        };
    }

    /// <summary>The value of <c>rope_scaling</c>; null without scaling.</summary>
    public static JsonObject? Scaling(ModelConfig config)
    {
        if (config.RopeScaling == RopeScaling.None) return null;
        var json = new JsonObject { ["rope_type"] = config.RopeScaling.ToString().ToLowerInvariant() };

        // Loaders from before rope_type existed know the two oldest kinds under its old key.
        if (config.RopeScaling is RopeScaling.Linear or RopeScaling.Dynamic) json["type"] = json["rope_type"]!.DeepClone();
        json["factor"] = config.RopeFactor;
        switch (config.RopeScaling)
        {
            case RopeScaling.Llama3:
                json["low_freq_factor"] = config.RopeLowFrequencyFactor;
                json["high_freq_factor"] = config.RopeHighFrequencyFactor;
                break;
            case RopeScaling.Yarn:
                json["attention_factor"] = config.RopeAttentionFactor;
                json["beta_fast"] = config.RopeBetaFast;
                json["beta_slow"] = config.RopeBetaSlow;
                json["truncate"] = config.RopeTruncates;
                break;
            case RopeScaling.LongRope:
                json["attention_factor"] = config.RopeAttentionFactor;
                json["short_factor"] = new JsonArray([.. config.RopeShortFactors.Select(f => (JsonNode)f)]);
                json["long_factor"] = new JsonArray([.. config.RopeLongFactors.Select(f => (JsonNode)f)]);
                break;
        }

        if (config.RopeScaling != RopeScaling.Linear) json[Original] = config.RopeOriginalContext;
        return json;
    }

    private static string Kind(ConfigFields rope, bool isParameters)
    {
        string key = rope.Has("rope_type") ? "rope_type" : "type";
        string? kind = rope.String(key);
        if (kind is null)
        {
            // The object may only hold the base; a factor without a kind is a scaling that nothing tells how to apply.
            if (!isParameters && rope.Has("factor")) throw rope.Broken(key, "it is needed beside factor, such as linear or yarn");
            return "default";
        }

        if (rope.Has("type") && rope.String("type") != kind) throw rope.Broken("type", $"it contradicts rope_type, {kind}; keep the one that is right");
        return KeysOf.ContainsKey(kind) ? kind : throw rope.Broken(
            key, $"{string.Join(", ", KeysOf.Keys)} are implemented; without scaling the model is exact up to its original context");
    }

    private static ModelConfig Llama3(ConfigFields rope, ModelConfig config)
    {
        double low = rope.Positive("low_freq_factor"), high = rope.Positive("high_freq_factor");
        if (!(low < high)) throw rope.Broken("low_freq_factor", $"it must be below high_freq_factor, {high}");
        return config with
        {
            RopeScaling = RopeScaling.Llama3,
            RopeFactor = rope.Positive("factor"),
            RopeLowFrequencyFactor = low,
            RopeHighFrequencyFactor = high,
            RopeOriginalContext = rope.Integer(Original, 1, int.MaxValue),
        };
    }

    private static ModelConfig Yarn(ConfigFields rope, ModelConfig config, int? original)
    {
        double fast = rope.Positive("beta_fast", 32), slow = rope.Positive("beta_slow", 1);
        if (!(slow <= fast)) throw rope.Broken("beta_slow", $"it must not be above beta_fast, {fast}");
        if (config.RopeTheta == 1) throw rope.Broken("rope_theta", "yarn needs a base other than 1");
        (double factor, int trained) = Stretch(rope, config, original);
        double ratio = rope.Has("mscale") && rope.Has("mscale_all_dim")
            ? Temperature(factor, rope.Positive("mscale")) / Temperature(factor, rope.Positive("mscale_all_dim"))
            : Temperature(factor, 1);
        return config with
        {
            RopeScaling = RopeScaling.Yarn,
            RopeFactor = factor,
            RopeOriginalContext = trained,
            RopeBetaFast = fast,
            RopeBetaSlow = slow,
            RopeTruncates = rope.Flag("truncate", true),
            RopeAttentionFactor = rope.Positive("attention_factor", ratio),
            ContextLength = Stretched(rope, config, factor * trained),
        };
    }

    private static ModelConfig LongRope(ConfigFields rope, ModelConfig config, int? original)
    {
        (double factor, int trained) = Stretch(rope, config, original);
        double ratio = factor <= 1 || trained == 1 ? 1 : Math.Sqrt(1 + (Math.Log(factor) / Math.Log(trained)));
        return config with
        {
            RopeScaling = RopeScaling.LongRope,
            RopeFactor = factor,
            RopeOriginalContext = trained,
            RopeShortFactors = rope.PositiveList("short_factor", config.HeadSize / 2),
            RopeLongFactors = rope.PositiveList("long_factor", config.HeadSize / 2),
            RopeAttentionFactor = rope.Positive("attention_factor", ratio),
            ContextLength = Stretched(rope, config, factor * trained),
        };
    }

    /// <summary>The factor and the context that was trained on; a factor that is absent is the ratio of the two contexts.</summary>
    private static (double Factor, int Trained) Stretch(ConfigFields rope, ModelConfig config, int? original)
    {
        int trained = original ?? config.ContextLength;
        return (rope.Positive("factor", original is null ? null : (double)config.ContextLength / trained), trained);
    }

    /// <summary>Files leave <c>max_position_embeddings</c> as trained or stretch it too: the longer one is the context.</summary>
    private static int Stretched(ConfigFields rope, ModelConfig config, double tokens) => tokens <= ModelConfigFile.MostTokens
        ? Math.Max(config.ContextLength, (int)tokens)
        : throw rope.Broken("factor", $"it makes a context of {tokens} tokens, and at most {ModelConfigFile.MostTokens} are possible");

    /// <summary>YaRN's 0.1 m ln s + 1, by which cosines and sines are multiplied (Peng et al., 2309.00071, equation 22).</summary>
    private static double Temperature(double factor, double scale) => factor <= 1 ? 1 : (0.1 * scale * Math.Log(factor)) + 1;
}

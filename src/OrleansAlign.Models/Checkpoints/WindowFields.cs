using System.Text.Json.Nodes;

namespace OrleansAlign.Models.Checkpoints;

/// <summary>The sliding window's part of <c>config.json</c>: how far back a token sees, and in which layers.</summary>
/// <remarks>
/// As in transformers: Mistral has the window in all layers, with 4096 tokens where the key is absent and none where it is null; Qwen only with
/// <c>use_sliding_window</c>, in the layers from <c>max_window_layers</c> on; <c>layer_types</c>, where present, names the kind of each layer.
/// A window not shorter than the context never hides a token and counts as none.
/// </remarks>
internal static class WindowFields
{
    private const string Sliding = "sliding_attention", Full = "full_attention";

    /// <summary>Completes a configuration, whose context is known, with its window.</summary>
    public static ModelConfig Read(ConfigFields fields, ModelConfig config)
    {
        bool[] windowed = Layers(fields, config);
        if (!windowed.Contains(true) || fields.IsNull("sliding_window")) return config;
        if (config.Architecture == Architecture.Llama) throw fields.Broken("layer_types", "Llama has no layers with a sliding window");
        int window = fields.Integer("sliding_window", 1, int.MaxValue, 4096);
        return window >= config.ContextLength ? config : config with { SlidingWindow = window, WindowedLayers = windowed.Contains(false) ? windowed : [] };
    }

    /// <summary>Adds the window's keys.</summary>
    public static void Write(JsonObject json, ModelConfig config)
    {
        if (config.Architecture == Architecture.Mistral) json["sliding_window"] = config.SlidingWindow;
        if (config.Architecture is Architecture.Qwen2 or Architecture.Qwen3) json["use_sliding_window"] = config.SlidingWindow is not null;
        if (config.SlidingWindow is null) return;
        bool[] windowed = [.. Enumerable.Range(0, config.Layers).Select(layer => config.Window(layer) != int.MaxValue)];
        json["sliding_window"] = config.SlidingWindow;

        // Loaders from before layer_types only know windows from some layer on.
        if (config.Architecture != Architecture.Mistral) json["max_window_layers"] = Array.IndexOf(windowed, true);
        json["layer_types"] = new JsonArray([.. windowed.Select(w => (JsonNode)(w ? Sliding : Full))]);
    }

    private static bool[] Layers(ConfigFields fields, ModelConfig config)
    {
        IReadOnlyList<string> kinds = fields.StringList("layer_types");
        if (kinds.Any(kind => kind is not (Full or Sliding))) throw fields.Broken("layer_types", $"{Full} and {Sliding} are implemented");
        if (kinds.Count > 0 && kinds.Count != config.Layers)
        {
            throw fields.Broken("layer_types", $"it has {kinds.Count} kinds, and num_hidden_layers is {config.Layers}; there must be one for each layer");
        }

        bool slides = config.Architecture == Architecture.Mistral
            || (config.Architecture != Architecture.Llama && fields.Flag("use_sliding_window", false));
        int from = config.Architecture == Architecture.Mistral ? 0 : fields.Integer("max_window_layers", 0, int.MaxValue, 28);
        return [.. Enumerable.Range(0, config.Layers).Select(layer => kinds.Count > 0 ? kinds[layer] == Sliding : slides && layer >= from)];
    }
}

using System.Text.Json.Nodes;

namespace OrleansAlign.Models.Checkpoints;

/// <summary>The rotary embedding's part of <c>config.json</c>, in its three published forms.</summary>
/// <remarks>
/// <c>rope_theta</c> with <c>rope_scaling</c>, whose kind is called <c>rope_type</c> or, in older files, <c>type</c>; or <c>rope_parameters</c>,
/// which holds both.
/// </remarks>
internal static class RopeFields
{
    /// <summary>Completes a configuration with base and scaling of the rotary frequencies.</summary>
    public static ModelConfig Read(ConfigFields fields, ModelConfig config)
    {
        ConfigFields? parameters = fields.Object("rope_parameters");
        ConfigFields? scaling = parameters ?? fields.Object("rope_scaling");
        double theta = parameters is not null && parameters.Has("rope_theta") ? parameters.Positive("rope_theta")
            : fields.Positive("rope_theta", 10000);
        config = config with { RopeTheta = theta };
        if (scaling is null) return config;
        if (scaling.Positive("partial_rotary_factor", 1) != 1) throw scaling.Broken("partial_rotary_factor", "only 1 is implemented");

        string key = scaling.Has("rope_type") ? "rope_type" : "type";
        switch (scaling.String(key))
        {
            case null when parameters is not null:
            case "default":
                return config;
            case "linear":
                return config with { RopeScaling = RopeScaling.Linear, RopeFactor = scaling.Positive("factor") };
            case "llama3":
                double low = scaling.Positive("low_freq_factor"), high = scaling.Positive("high_freq_factor");
                if (!(low < high)) throw scaling.Broken("low_freq_factor", $"it must be below high_freq_factor, {high}");
                return config with
                {
                    RopeScaling = RopeScaling.Llama3,
                    RopeFactor = scaling.Positive("factor"),
                    RopeLowFrequencyFactor = low,
                    RopeHighFrequencyFactor = high,
                    RopeOriginalContext = scaling.Integer("original_max_position_embeddings", 1, int.MaxValue),
                };
            default:
                throw scaling.Broken(
                    key, "default, linear and llama3 are implemented; without scaling the model is exact up to its original context");
        }
    }

    /// <summary>The value of <c>rope_scaling</c>; null without scaling.</summary>
    public static JsonObject? Scaling(ModelConfig config) => config.RopeScaling switch
    {
        RopeScaling.None => null,

        // Loaders from before rope_type existed know the linear kind under its old key.
        RopeScaling.Linear => new JsonObject { ["rope_type"] = "linear", ["type"] = "linear", ["factor"] = config.RopeFactor },
        _ => new JsonObject
        {
            ["rope_type"] = "llama3",
            ["factor"] = config.RopeFactor,
            ["low_freq_factor"] = config.RopeLowFrequencyFactor,
            ["high_freq_factor"] = config.RopeHighFrequencyFactor,
            ["original_max_position_embeddings"] = config.RopeOriginalContext,
        },
    };
}

using OrleansAlign.Models.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace OrleansAlign.TorchSharp;

/// <summary>The options, with the open ones decided for a device and a model.</summary>
internal sealed class EngineSettings(TorchSharpEngineOptions options, Device device, ModelConfig config)
{
    private const long LargeModel = 100_000_000;

    public Device Device { get; } = device;

    /// <summary>The type of the computation.</summary>
    public ScalarType Type { get; } = options.Precision switch
    {
        EnginePrecision.BFloat16 => ScalarType.BFloat16,
        EnginePrecision.Float32 => ScalarType.Float32,
        _ => device.type == DeviceType.CUDA ? ScalarType.BFloat16 : ScalarType.Float32,
    };

    public bool Fused { get; } = options.FusedAttention ?? device.type == DeviceType.CUDA;

    public bool Recompute { get; } = options.Recompute ?? config.ParameterCount >= LargeModel;

    public int MaxStreams { get; } = options.MaxStreams;

    public int PassTokens { get; } = options.PassTokens;

    public int TrainTokens { get; } = options.TrainTokens;

    public long ScoreBytes { get; } = options.ScoreBytes;

    /// <summary>Rows of logits at one time.</summary>
    public int LogitRows { get; } = (int)Math.Clamp(options.LogitBytes / (sizeof(float) * (long)config.VocabularySize), 1, int.MaxValue);

    /// <summary>Tokens whose keys and values are held at one time.</summary>
    public long CacheTokens => options.CacheBytes / (2L * config.Layers * config.KeyValueHeads * config.HeadSize * (Type == ScalarType.Float32 ? 4 : 2));
}

using OrleansAlign.Models.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace OrleansAlign.TorchSharp;

/// <summary>Attention of one new token per stream over the stream's cached tokens; row i is the stream in slot i.</summary>
internal sealed class CachedAttention : IRowAttention
{
    private readonly ModelConfig config;
    private readonly EngineSettings settings;
    private readonly KeyValueCache cache;
    private readonly int streams;
    private readonly int end;
    private readonly Tensor places;
    private readonly Tensor mask;
    private readonly Tensor? windowMask;

    /// <summary>Creates the attention of a step; its tensors belong to the caller's dispose scope.</summary>
    public CachedAttention(KeyValueCache cache, ModelConfig config, EngineSettings settings, int[] positions, Tensor devicePositions)
    {
        (this.cache, this.config, this.settings) = (cache, config, settings);
        streams = positions.Length;
        end = positions.Max() + 1;
        places = cache.Places([.. positions.Select((position, slot) => (slot, position))]);
        Tensor keys = ScalarMath.Range(end, settings.Device), later = keys.gt(devicePositions.unsqueeze(1));
        mask = zeros([streams, 1, end], settings.Type, settings.Device).Mask(later.unsqueeze(1), double.NegativeInfinity);
        if (config.SlidingWindow is not { } window || window >= end) return;
        Tensor earlier = devicePositions.unsqueeze(1).sub(keys).IsAtLeast(window);
        windowMask = mask.clone().Mask(earlier.unsqueeze(1), double.NegativeInfinity);
    }

    public Tensor Attend(int layer, Tensor queries, Tensor keys, Tensor values)
    {
        using DisposeScope scope = NewDisposeScope();
        cache.Write(layer, places, keys, values);
        (Tensor k, Tensor v) = cache.Read(layer, streams, end);
        long groups = (long)streams * config.KeyValueHeads, share = config.Heads / config.KeyValueHeads;
        Tensor scores = queries.Times(1 / Math.Sqrt(config.HeadSize)).reshape(groups, share, config.HeadSize).bmm(k.transpose(1, 2));
        Tensor p = scores.view(streams, config.Heads, end).Plus(Mask(layer)).softmax(-1, ScalarType.Float32).to(settings.Type);
        return scope.MoveToOuter(p.view(groups, share, end).bmm(v).view(streams, config.Heads * config.HeadSize));
    }

    private Tensor Mask(int layer) => windowMask is not null && config.Window(layer) < end ? windowMask : mask;
}

using OrleansAlign.Models.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace OrleansAlign.TorchSharp;

/// <summary>Causal attention within packed sequences.</summary>
/// <param name="rows">The sequences.</param>
/// <param name="config">Heads.</param>
/// <param name="settings">Fused or not, and how many scores at a time.</param>
/// <param name="store">Takes each layer's rotated keys and values, [N, KV, D], valid during the call only: it copies what it keeps.</param>
internal sealed class PackedAttention(PackedRows rows, ModelConfig config, EngineSettings settings, Action<int, Tensor, Tensor>? store = null)
    : IRowAttention
{
    private readonly long heads = config.Heads, keyHeads = config.KeyValueHeads, size = config.HeadSize, share = config.Heads / config.KeyValueHeads;

    public Tensor Attend(int layer, Tensor queries, Tensor keys, Tensor values)
    {
        store?.Invoke(layer, keys, values);
        using DisposeScope scope = NewDisposeScope();
        List<Tensor> parts = [];
        foreach (AttentionGroup group in rows.Groups)
        {
            Tensor q = Rectangle(group, queries, heads), k = Rectangle(group, keys, keyHeads), v = Rectangle(group, values, keyHeads);
            long window = config.Window(layer);
            Tensor attended = settings.Fused ? Fused(q, k, v, window) : Plain(q, k, v, window);
            attended = attended.reshape(group.Count * group.Longest, heads * size);
            parts.Add(group.Gather is null ? attended : attended.index_select(0, group.Gather));
        }

        return scope.MoveToOuter(parts.Count == 1 ? parts[0] : cat(parts, 0));
    }

    // [B, T, heads, D]
    private Tensor Rectangle(AttentionGroup group, Tensor x, long count) =>
        (group.Spread is null ? x.narrow(0, group.Start, group.Rows) : x.index_select(0, group.Spread)).view(group.Count, group.Longest, count, size);

    private Tensor Fused(Tensor q, Tensor k, Tensor v, long window)
    {
        Tensor Wide(Tensor x) => share == 1 ? x.transpose(1, 2)
            : x.transpose(1, 2).unsqueeze(2).expand(x.shape[0], keyHeads, share, x.shape[1], size).reshape(x.shape[0], heads, x.shape[1], size);
        (q, k, v) = (q.transpose(1, 2), Wide(k), Wide(v));
        return (window >= q.shape[2]
            ? nn.functional.scaled_dot_product_attention(q, k, v, is_casual: true)
            : nn.functional.scaled_dot_product_attention(q, k, v, attn_mask: Mask(0, 0, q.shape[2], window))).transpose(1, 2);
    }

    // Query heads that share a key head are rows of one product. Queries are taken in blocks; each block reads only the keys
    // from its first query's window up to its last query.
    private Tensor Plain(Tensor q, Tensor k, Tensor v, long window)
    {
        long b = q.shape[0], t = q.shape[1], block = Math.Clamp(settings.ScoreBytes / (sizeof(float) * b * heads * t), 1, t);
        q = q.Times(1 / Math.Sqrt(size)).view(b, t, keyHeads, share, size).permute(0, 2, 3, 1, 4);
        k = k.permute(0, 2, 3, 1).reshape(b * keyHeads, size, t);
        v = v.permute(0, 2, 1, 3).reshape(b * keyHeads, t, size);
        List<Tensor> parts = [];
        for (long start = 0; start < t; start += block)
        {
            long count = Math.Min(block, t - start), first = Math.Max(0, start - window + 1), keys = start + count - first;
            Tensor scores = q.narrow(3, start, count).reshape(b * keyHeads, share * count, size).bmm(k.narrow(2, first, keys));
            Tensor masked = scores.view(b * keyHeads, share, count, keys).Plus(Mask(start, first, count, window));
            Tensor p = masked.softmax(-1, ScalarType.Float32).to(settings.Type);
            Tensor attended = p.view(b * keyHeads, share * count, keys).bmm(v.narrow(1, first, keys));
            parts.Add(attended.view(b, keyHeads, share, count, size).permute(0, 3, 1, 2, 4));
        }

        return parts.Count == 1 ? parts[0] : cat(parts, 1);
    }

    // [count, start + count − first]: 0 where query start + i sees key first + j, −∞ where the key is later or before the query's window.
    private Tensor Mask(long start, long first, long count, long window)
    {
        long[] shape = [count, start + count - first];
        Tensor mask = ScalarMath.Full(shape, double.NegativeInfinity, settings.Type, settings.Device).triu_(start - first + 1);
        if (window >= start + count - first) return mask;
        return mask.Plus(ScalarMath.Full(shape, double.NegativeInfinity, settings.Type, settings.Device).tril_(start - first - window));
    }
}

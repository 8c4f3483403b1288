using OrleansAlign.Models.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace OrleansAlign.TorchSharp;

/// <summary>Keys and values of the streams being drawn: per layer [slots, KV, capacity, D], whose capacity grows with the longest stream.</summary>
internal sealed class KeyValueCache(ModelConfig config, EngineSettings settings, int slots) : IDisposable
{
    private const int Grain = 64;

    private readonly Tensor[] keys = new Tensor[config.Layers], values = new Tensor[config.Layers];
    private int capacity;

    /// <summary>Grows the capacity to at least <paramref name="tokens"/> per stream, but never beyond <paramref name="most"/>.</summary>
    public void Ensure(int tokens, int most)
    {
        if (tokens <= capacity) return;
        int wanted = Math.Max(tokens, Math.Min(most, ((Math.Max(tokens, capacity + (capacity / 2)) / Grain) + 1) * Grain));
        for (int layer = 0; layer < keys.Length; layer++)
        {
            keys[layer] = Grown(keys[layer], wanted);
            values[layer] = Grown(values[layer], wanted);
        }

        capacity = wanted;
    }

    /// <summary>The places of rows: a slot and a position for row i.</summary>
    public Tensor Places(IReadOnlyList<(int Slot, int Position)> rows)
    {
        long[] places = new long[rows.Count * config.KeyValueHeads];
        int next = 0;
        foreach ((int slot, int position) in rows)
        {
            for (long head = 0; head < config.KeyValueHeads; head++) places[next++] = ((((long)slot * config.KeyValueHeads) + head) * capacity) + position;
        }

        return tensor(places, device: settings.Device);
    }

    /// <summary>Writes rows [M, KV, D] to their places.</summary>
    public void Write(int layer, Tensor places, Tensor rowKeys, Tensor rowValues)
    {
        using DisposeScope scope = NewDisposeScope();
        keys[layer].view(-1, config.HeadSize).index_copy_(0, places, rowKeys.reshape(-1, config.HeadSize));
        values[layer].view(-1, config.HeadSize).index_copy_(0, places, rowValues.reshape(-1, config.HeadSize));
    }

    /// <summary>The first streams' keys and values up to a position, [streams · KV, end, D] each, without a copy.</summary>
    public (Tensor Keys, Tensor Values) Read(int layer, int streams, int end)
    {
        Tensor View(Tensor whole) => whole.narrow(0, 0, streams).narrow(2, 0, end).view(streams * config.KeyValueHeads, end, config.HeadSize);
        return (View(keys[layer]), View(values[layer]));
    }

    /// <summary>Copies a stream's first tokens to another slot.</summary>
    public void Move(int from, int to, int tokens)
    {
        foreach (Tensor whole in keys.Concat(values))
        {
            using DisposeScope scope = NewDisposeScope();
            whole.select(0, to).narrow(1, 0, tokens).copy_(whole.select(0, from).narrow(1, 0, tokens));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (capacity == 0) return;
        foreach (Tensor whole in keys.Concat(values)) whole.Dispose();
        capacity = 0;
    }

    // Zeros rather than uninitialised memory: positions that no stream wrote are multiplied by a probability of 0, and must be finite.
    private Tensor Grown(Tensor? old, int wanted)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor whole = zeros([slots, config.KeyValueHeads, wanted, config.HeadSize], settings.Type, settings.Device).DetachFromDisposeScope();
        if (old is null) return whole;
        whole.narrow(2, 0, capacity).copy_(old);
        old.Dispose();
        return whole;
    }
}

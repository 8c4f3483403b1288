using System.Runtime.CompilerServices;
using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Models.Engines.Managed;

/// <summary>Keys and values of attention in pages of 32 tokens with reference counts: streams with a common prefix share its full pages.</summary>
/// <remarks>
/// Within a page, per stored layer and key/value head: keys transposed [D][32], so that lanes run over keys, then values [32][D]. Where D is not
/// a multiple of 16, a vector of values reaches beyond its row; those lanes are not used. Slots never written are masked by attention.
/// </remarks>
internal sealed unsafe class KeyValuePages : IDisposable
{
    /// <summary>Tokens per page: the width of a panel.</summary>
    public const int Tokens = 32;

    private readonly int heads, headSize;
    private readonly long headFloats, layerFloats;
    private readonly List<FloatBuffer> slabs = [];
    private readonly List<int> references = [];
    private readonly Stack<int> free = new();
    private nint[] addresses = [];

    /// <param name="config">The model's sizes.</param>
    /// <param name="layers">Layers kept; 1 if each layer may overwrite the one before, because no later call needs the keys.</param>
    public KeyValuePages(ModelConfig config, int layers)
    {
        heads = config.KeyValueHeads;
        headSize = config.HeadSize;
        headFloats = 2L * Tokens * headSize;
        layerFloats = layers == 1 ? 0 : headFloats * heads;
        PageFloats = headFloats * heads * layers;
    }

    /// <summary>Floats per page.</summary>
    public long PageFloats { get; }

    /// <summary>Floats from one head's keys, or values, to the next head's.</summary>
    public nint HeadStride => (nint)headFloats;

    /// <summary>Floats from a head's keys to its values.</summary>
    public nint ValuesOffset => Tokens * headSize;

    /// <summary>Pages rented and not returned.</summary>
    public int InUse => references.Count - free.Count;

    /// <summary>Pages that hold <paramref name="tokens"/> tokens.</summary>
    public static int PagesFor(int tokens) => (tokens + Tokens - 1) / Tokens;

    /// <summary>The transposed keys of a page.</summary>
    public float* Keys(int page, int layer, int head) => (float*)addresses[page] + (layerFloats * layer) + (headFloats * head);

    /// <summary>The values of a page.</summary>
    public float* Values(int page, int layer, int head) => Keys(page, layer, head) + ValuesOffset;

    /// <summary>Rents a page, with one reference.</summary>
    public int Rent()
    {
        if (free.Count == 0) Grow();
        int page = free.Pop();
        references[page] = 1;
        return page;
    }

    /// <summary>Adds a stream's reference to the page.</summary>
    public void Share(int page) => references[page]++;

    /// <summary>Removes a stream's reference to the page.</summary>
    public void Return(int page)
    {
        if (--references[page] == 0) free.Push(page);
    }

    /// <summary>Copies a page's content of every layer.</summary>
    public void Copy(int from, int to) =>
        Buffer.MemoryCopy((void*)addresses[from], (void*)addresses[to], PageFloats * sizeof(float), PageFloats * sizeof(float));

    /// <summary>Stores one token's keys and values of one layer.</summary>
    /// <param name="page">The page.</param>
    /// <param name="slot">The token's place in it.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="keys">Keys of all heads, D floats each.</param>
    /// <param name="values">Values of all heads.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Write(int page, int slot, int layer, float* keys, float* values)
    {
        float* k = Keys(page, layer, 0) + slot, v = Keys(page, layer, 0) + ValuesOffset + (slot * headSize);
        for (int h = 0; h < heads; h++, k += headFloats, v += headFloats)
        {
            int d = 0;
            for (; d + 4 <= headSize; d += 4, keys += 4, values += 4)
            {
                float* column = k + (d * Tokens);
                column[0] = keys[0];
                column[Tokens] = keys[1];
                column[2 * Tokens] = keys[2];
                column[3 * Tokens] = keys[3];
                Simd128.Store(Simd128.Load(values), v + d);
            }

            for (; d < headSize; d++)
            {
                k[d * Tokens] = *keys++;
                v[d] = *values++;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (FloatBuffer slab in slabs) slab.Dispose();
        slabs.Clear();
    }

    private void Grow()
    {
        // Slabs of about 4 MiB, doubling with use; at least one page.
        long wanted = Math.Max(1, (1L << 20) / PageFloats);
        int count = (int)Math.Clamp(Math.Max(wanted, references.Count / 2), 1, 4096);
        var slab = new FloatBuffer((count * PageFloats) + 16);
        slabs.Add(slab);
        int first = references.Count;
        Array.Resize(ref addresses, first + count);
        for (int i = count - 1; i >= 0; i--) free.Push(first + i);
        for (int i = 0; i < count; i++)
        {
            addresses[first + i] = (nint)(slab.Pointer + (i * PageFloats));
            references.Add(0);
        }
    }
}

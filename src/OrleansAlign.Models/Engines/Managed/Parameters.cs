using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Models.Engines.Managed;

/// <summary>A group of weight matrices [N, K] with the same input, packed as one right operand: panels [N / 32][K][32].</summary>
/// <param name="First">The first tensor of the group; the others follow it in the layout.</param>
/// <param name="Rows">Padded rows of the whole group: the outputs.</param>
/// <param name="Offset">First float in the packed buffer.</param>
internal sealed record PackedGroup(TensorSlot First, int Rows, long Offset)
{
    public int Columns => First.Columns;
}

/// <summary>
/// The weights in three layouts: row-major for the optimizer; panels for the forward pass; panels for the backward pass, from its first use on.
/// </summary>
internal sealed unsafe class Parameters : IDisposable
{
    private readonly FloatBuffer master;
    private readonly FloatBuffer packed;
    private readonly FloatBuffer packedBackward = new();
    private readonly WorkerPool pool;
    private bool backwardIsCurrent;

    public Parameters(ModelWeights weights, WorkerPool pool)
    {
        Config = weights.Config;
        this.pool = pool;
        Layout = new ParameterLayout(Config);
        master = new FloatBuffer(Layout.Length);
        List<PackedGroup> groups = [];
        long offset = 0;
        PackedGroup Group(TensorSlot first, params TensorSlot[] others)
        {
            var group = new PackedGroup(first, first.PaddedRows + others.Sum(o => o.PaddedRows), offset);
            offset += (long)group.Rows * group.Columns;
            groups.Add(group);
            return group;
        }

        QueryKeyValue = [.. Layout.Layers.Select(l => Group(l.Query, l.Key, l.Value))];
        Output = [.. Layout.Layers.Select(l => Group(l.Output))];
        GateUp = [.. Layout.Layers.Select(l => Group(l.Gate, l.Up))];
        Down = [.. Layout.Layers.Select(l => Group(l.Down))];
        Head = Group(Layout.Head);
        Groups = groups;
        packed = new FloatBuffer(offset);
        foreach (TensorSlot slot in Layout.Slots) Read(weights.Tensors[slot.Index].Data, slot, master.Pointer);
        Pack();
    }

    public ModelConfig Config { get; }

    public ParameterLayout Layout { get; }

    /// <summary>The row-major weights; call <see cref="Pack"/> after writing to them.</summary>
    public float* Master => master.Pointer;

    public PackedGroup[] QueryKeyValue { get; }

    public PackedGroup[] Output { get; }

    public PackedGroup[] GateUp { get; }

    public PackedGroup[] Down { get; }

    public PackedGroup Head { get; }

    private List<PackedGroup> Groups { get; }

    /// <summary>A tensor's first weight.</summary>
    public float* this[TensorSlot slot] => master.Pointer + slot.Offset;

    /// <summary>The group as right operand of the forward product, [K, N].</summary>
    public Panels Forward(PackedGroup group) => Panels.Packed(packed.Pointer + group.Offset, group.Columns);

    /// <summary>The group as right operand of the backward product, [N, K]; call <see cref="PackBackward"/> first.</summary>
    public Panels Backward(PackedGroup group) => Panels.Packed(packedBackward.Pointer + group.First.Offset, group.Rows);

    /// <summary>Brings the panels of the forward pass up to date with the row-major weights.</summary>
    public void Pack()
    {
        backwardIsCurrent = false;
        foreach (PackedGroup group in Groups)
        {
            float* source = this[group.First], target = packed.Pointer + group.Offset;
            int stride = group.First.Stride, columns = group.Columns;
            pool.Run((group.Rows + 127) / 128, (task, _) =>
            {
                for (int panel = task * 4; panel < Math.Min((task + 1) * 4, group.Rows / 32); panel++)
                {
                    PackPanel(source + ((long)panel * 32 * stride), stride, columns, target + ((long)panel * 32 * columns));
                }
            });
        }
    }

    /// <summary>Brings the panels of the backward pass up to date, if the weights have changed.</summary>
    public void PackBackward()
    {
        if (backwardIsCurrent) return;
        packedBackward.Ensure(Layout.Length);
        foreach (PackedGroup group in Groups)
        {
            float* source = this[group.First], target = packedBackward.Pointer + group.First.Offset;
            int stride = group.First.Stride, rows = group.Rows;
            pool.Run((rows + 127) / 128, (task, _) =>
                TokenPanels.Store(
                    source + ((long)task * 128 * stride), stride, Math.Min(128, rows - (task * 128)), stride, TokenPanels.Right, target, rows, task * 128));
        }

        backwardIsCurrent = true;
    }

    /// <summary>The weights without padding, as a new copy.</summary>
    public ModelWeights Export() => new(Config, ExportTensors(Layout, master.Pointer));

    /// <inheritdoc/>
    public void Dispose()
    {
        master.Dispose();
        packed.Dispose();
        packedBackward.Dispose();
    }

    /// <summary>Copies a padded buffer into named tensors.</summary>
    public static List<WeightTensor> ExportTensors(ParameterLayout layout, float* source)
    {
        List<WeightTensor> tensors = [];
        foreach (TensorSlot slot in layout.Slots) tensors.Add(new WeightTensor(slot.Name, [.. slot.Shape], Write(slot, source)));
        return tensors;
    }

    /// <summary>One tensor of a padded buffer, without padding.</summary>
    public static float[] Write(TensorSlot slot, float* source)
    {
        float[] data = new float[slot.Rows * slot.Columns];
        for (int r = 0; r < slot.Rows; r++)
        {
            new Span<float>(source + slot.Offset + ((long)r * slot.Stride), slot.Columns).CopyTo(data.AsSpan(r * slot.Columns));
        }

        return data;
    }

    /// <summary>Copies one tensor into a padded buffer.</summary>
    public static void Read(float[] data, TensorSlot slot, float* target)
    {
        for (int r = 0; r < slot.Rows; r++)
        {
            data.AsSpan(r * slot.Columns, slot.Columns).CopyTo(new Span<float>(target + slot.Offset + ((long)r * slot.Stride), slot.Columns));
        }
    }

    private static void PackPanel(float* source, int stride, int columns, float* target)
    {
        // Sixteen columns at a time: 32 rows of one cache line each, read once.
        for (int k0 = 0; k0 < columns; k0 += 16)
        {
            int k1 = Math.Min(columns, k0 + 16);
            for (int n = 0; n < 32; n++)
            {
                float* row = source + (n * stride);
                for (int k = k0; k < k1; k++) target[(k * 32) + n] = row[k];
            }
        }
    }
}

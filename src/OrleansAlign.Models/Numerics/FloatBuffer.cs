using System.Runtime.InteropServices;

namespace OrleansAlign.Models.Numerics;

/// <summary>Native float32 memory at a 64-byte boundary, outside the garbage collector's heap, freed by <see cref="Dispose"/> or the finaliser.</summary>
internal sealed unsafe class FloatBuffer : IDisposable
{
    private float* pointer;

    public FloatBuffer(long length = 0) => Ensure(length);

    ~FloatBuffer() => Free();

    /// <summary>Number of floats.</summary>
    public long Length { get; private set; }

    /// <summary>The first float.</summary>
    public float* Pointer => pointer;

    /// <summary>Makes room for at least <paramref name="length"/> floats; what was there is lost if it has to grow. New memory is zero.</summary>
    public float* Ensure(long length)
    {
        if (length <= Length && pointer != null) return pointer;

        // Ragged batches ask for ever slightly larger sizes; an eighth of slack keeps the number of reallocations low.
        if (Length > 0) length += length / 8;
        Free();
        nuint bytes = (nuint)Math.Max(length, 16) * sizeof(float);
        pointer = (float*)NativeMemory.AlignedAlloc(bytes, 64);
        Length = Math.Max(length, 16);
        NativeMemory.Clear(pointer, bytes);
        return pointer;
    }

    /// <summary>Sets everything to zero.</summary>
    public void Clear() => NativeMemory.Clear(pointer, (nuint)Length * sizeof(float));

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (pointer != null) NativeMemory.AlignedFree(pointer);
        pointer = null;
        Length = 0;
    }
}

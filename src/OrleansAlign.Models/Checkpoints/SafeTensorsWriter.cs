using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace OrleansAlign.Models.Checkpoints;

/// <summary>Writes tensors as a safetensors file that other tools open.</summary>
public static class SafeTensorsWriter
{
    private const int BlockElements = 1 << 16;

    /// <summary>Writes all tensors in the given order, with the metadata <c>{"format":"pt"}</c> that Hugging Face's loaders ask for.</summary>
    /// <param name="path">The file; written aside, flushed to the disk, then renamed over whatever was there.</param>
    /// <param name="tensors">Names are unique.</param>
    /// <param name="type">How elements are stored. Rounding is to the nearest, ties to even.</param>
    /// <exception cref="ArgumentException">A name occurs twice or is <c>__metadata__</c>, a shape does not fit its data, or a finite value exceeds
    /// F16's range.</exception>
    public static void Write(string path, IReadOnlyList<WeightTensor> tensors, ElementType type = ElementType.F32)
    {
        byte[] header = Header(tensors, type);
        AtomicFile.Write(path, stream =>
        {
            Span<byte> length = stackalloc byte[8];
            BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
            stream.Write(length);
            stream.Write(header);
            byte[] block = type == ElementType.F32 ? [] : new byte[2 * BlockElements];
            foreach (WeightTensor tensor in tensors) WriteData(stream, tensor, type, block);
        });
    }

    private static byte[] Header(IReadOnlyList<WeightTensor> tensors, ElementType type)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject("__metadata__");
            json.WriteString("format", "pt");
            json.WriteEndObject();
            HashSet<string> names = ["__metadata__"];
            long offset = 0;
            foreach (WeightTensor tensor in tensors)
            {
                if (!names.Add(tensor.Name))
                {
                    throw new ArgumentException($"the name {tensor.Name} is taken; tensor names are unique", nameof(tensors));
                }
                if (tensor.Shape.Any(s => s < 0) || tensor.Shape.Aggregate(1L, (product, size) => product * size) != tensor.Data.Length)
                {
                    throw new ArgumentException(
                        $"{tensor.Name} has {tensor.Data.Length} values, which is not [{string.Join(", ", tensor.Shape)}]", nameof(tensors));
                }

                long end = offset + ((long)tensor.Data.Length * ElementTypes.Size(type));
                json.WriteStartObject(tensor.Name);
                json.WriteString("dtype", type.ToString());
                json.WriteStartArray("shape");
                foreach (int size in tensor.Shape) json.WriteNumberValue(size);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(end);
                json.WriteEndArray();
                json.WriteEndObject();
                offset = end;
            }

            json.WriteEndObject();
        }

        // Spaces up to a multiple of 8 keep the data aligned for readers that map it.
        while (buffer.Length % 8 != 0) buffer.WriteByte((byte)' ');
        return buffer.ToArray();
    }

    private static void WriteData(Stream stream, WeightTensor tensor, ElementType type, byte[] block)
    {
        for (int start = 0; start < tensor.Data.Length; start += BlockElements)
        {
            ReadOnlySpan<float> values = tensor.Data.AsSpan(start, Math.Min(BlockElements, tensor.Data.Length - start));
            if (type == ElementType.F32)
            {
                stream.Write(MemoryMarshal.AsBytes(values));
                continue;
            }

            for (int i = 0; i < values.Length; i++)
            {
                ushort bits = type == ElementType.BF16 ? ElementTypes.ToBFloat16(values[i]) : BitConverter.HalfToUInt16Bits((Half)values[i]);
                if (float.IsFinite(values[i]) && !IsFinite(bits, type))
                {
                    throw new ArgumentException(
                        $"{tensor.Name}[{start + i}] is {values[i]}, beyond the range of {type}; store it as F32", nameof(tensor));
                }

                BinaryPrimitives.WriteUInt16LittleEndian(block.AsSpan(2 * i), bits);
            }

            stream.Write(block.AsSpan(0, 2 * values.Length));
        }
    }

    private static bool IsFinite(ushort bits, ElementType type) =>
        type == ElementType.BF16 ? float.IsFinite(ElementTypes.FromBFloat16(bits)) : Half.IsFinite(BitConverter.UInt16BitsToHalf(bits));
}

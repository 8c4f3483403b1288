using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;

namespace OrleansAlign.Models.Checkpoints;

/// <summary>Writes tensors as a safetensors file that other tools open.</summary>
public static class SafeTensorsWriter
{
    private const int BlockElements = 1 << 16;

    /// <summary>Writes all tensors in the given order, with the metadata <c>{"format":"pt"}</c> that Hugging Face's loaders ask for.</summary>
    /// <param name="path">The file; written aside, flushed to the disk, then renamed over whatever was there.</param>
    /// <param name="tensors">Names are unique.</param>
    /// <exception cref="ArgumentException">A name occurs twice or is <c>__metadata__</c>, or a shape does not fit its data.</exception>
    public static void Write(string path, IReadOnlyList<WeightTensor> tensors)
    {
        byte[] header = Header(tensors);
        AtomicFile.Write(path, stream =>
        {
            Span<byte> length = stackalloc byte[8];
            BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
            stream.Write(length);
            stream.Write(header);
            foreach (WeightTensor tensor in tensors)
            {
                for (int start = 0; start < tensor.Data.Length; start += BlockElements)
                {
                    stream.Write(MemoryMarshal.AsBytes(tensor.Data.AsSpan(start, Math.Min(BlockElements, tensor.Data.Length - start))));
                }
            }
        });
    }

    private static byte[] Header(IReadOnlyList<WeightTensor> tensors)
    {
        var json = new JsonObject { ["__metadata__"] = new JsonObject { ["format"] = "pt" } };
        long offset = 0;
        foreach (WeightTensor tensor in tensors)
        {
            if (json.ContainsKey(tensor.Name)) throw new ArgumentException($"the name {tensor.Name} is taken; tensor names are unique", nameof(tensors));
            if (tensor.Shape.Any(s => s < 0) || tensor.Shape.Aggregate(1L, (product, size) => product * size) != tensor.Data.Length)
            {
                throw new ArgumentException(
                    $"{tensor.Name} has {tensor.Data.Length} values, which is not [{string.Join(", ", tensor.Shape)}]", nameof(tensors));
            }

            long end = offset + ((long)tensor.Data.Length * sizeof(float));
            json[tensor.Name] = new JsonObject
            {
                ["dtype"] = "F32",
                ["shape"] = new JsonArray([.. tensor.Shape.Select(size => (JsonNode)size)]),
                ["data_offsets"] = new JsonArray(offset, end),
            };
            offset = end;
        }

        // Spaces up to a multiple of 8 keep the data aligned for readers that map it.
        string text = json.ToJsonString();
        return Encoding.UTF8.GetBytes(text.PadRight((text.Length + 7) / 8 * 8));
    }
}

namespace OrleansAlign.Models.Checkpoints;

/// <summary>How the numbers of a stored tensor are written. In memory every weight is float32.</summary>
public enum ElementType
{
    /// <summary>IEEE 754 binary32: stored to the bit.</summary>
    F32,

    /// <summary>The upper half of a binary32: 8 bits of precision, the same range.</summary>
    BF16,

    /// <summary>IEEE 754 binary16: 11 bits of precision, up to 65504.</summary>
    F16,
}

/// <summary>Conversions between stored elements and float32, exact towards float32 and to the nearest (ties to even) away from it.</summary>
internal static class ElementTypes
{
    /// <summary>Every element type that the format knows, with its size in bytes: a header may list tensors that no model here reads.</summary>
    private static readonly Dictionary<string, int> sizes = new(StringComparer.Ordinal)
    {
        ["BOOL"] = 1, ["U8"] = 1, ["I8"] = 1, ["F8_E5M2"] = 1, ["F8_E4M3"] = 1, ["F8_E8M0"] = 1,
        ["I16"] = 2, ["U16"] = 2, ["F16"] = 2, ["BF16"] = 2,
        ["I32"] = 4, ["U32"] = 4, ["F32"] = 4,
        ["I64"] = 8, ["U64"] = 8, ["F64"] = 8, ["C64"] = 8,
    };

    public static bool TrySize(string dtype, out int bytes) => sizes.TryGetValue(dtype, out bytes);

    public static int Size(ElementType type) => type == ElementType.F32 ? 4 : 2;

    /// <summary>The element type called <paramref name="dtype"/>, if weights may be stored as such.</summary>
    public static bool TryParse(string dtype, out ElementType type)
    {
        type = dtype switch { "BF16" => ElementType.BF16, "F16" => ElementType.F16, _ => ElementType.F32 };
        return dtype is "F32" or "BF16" or "F16";
    }

    public static float FromBFloat16(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    public static ushort ToBFloat16(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);

        // Rounding would carry a NaN with a low payload into infinity: it is kept a NaN by its quiet bit.
        if (float.IsNaN(value)) return (ushort)((bits >> 16) | 0x40);
        return (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}

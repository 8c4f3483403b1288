using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;

namespace OrleansAlign.Models.Checkpoints;

/// <summary>What a safetensors header says of one tensor.</summary>
/// <param name="Name">Its name, unique in the file.</param>
/// <param name="DataType">Its element type as written: <c>F32</c>, <c>BF16</c>, <c>I64</c> …</param>
/// <param name="Shape">Sizes, outermost first; empty for a scalar.</param>
/// <param name="Begin">First byte, counted from the end of the header.</param>
/// <param name="End">The byte after its last one.</param>
public sealed record SafeTensorsEntry(string Name, string DataType, int[] Shape, long Begin, long End);

/// <summary>A safetensors file, mapped into memory and read tensor by tensor as float32.</summary>
/// <remarks>
/// Layout (github.com/huggingface/safetensors): 8 bytes little-endian header length, a JSON header, the tensors' bytes without holes. The whole
/// header is checked against the file's length when the file is opened, so that reading a tensor never touches a byte outside of it. Not safe against
/// another process that truncates the file while it is open: files are replaced by renaming, never rewritten.
/// </remarks>
public sealed class SafeTensorsFile : IDisposable
{
    /// <summary>Length of the longest header that is read, the limit of the format's own reader.</summary>
    public const long LongestHeader = 100_000_000;

    private readonly MemoryMappedFile map;
    private readonly MemoryMappedViewAccessor view;
    private readonly long dataStart;
    private readonly Dictionary<string, SafeTensorsEntry> byName;

    private SafeTensorsFile(string path, MemoryMappedFile map, MemoryMappedViewAccessor view, long dataStart, IReadOnlyList<SafeTensorsEntry> entries)
    {
        Path = path;
        this.map = map;
        this.view = view;
        this.dataStart = dataStart;
        Entries = entries;
        byName = entries.ToDictionary(e => e.Name, StringComparer.Ordinal);
    }

    /// <summary>Where the file lies.</summary>
    public string Path { get; }

    /// <summary>All tensors, in the order of their bytes.</summary>
    public IReadOnlyList<SafeTensorsEntry> Entries { get; }

    /// <summary>Maps a file and checks its header.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The header breaks a rule of the format; the message names path, tensor, offset, rule and
    /// remedy.</exception>
    public static SafeTensorsFile Open(string path)
    {
        if (!File.Exists(path)) throw new FileNotFoundException($"{path} does not exist; a safetensors file is expected there", path);
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        long length = stream.Length;
        byte[] start = new byte[8];
        if (length < 8 || stream.ReadAtLeast(start, 8, throwOnEndOfStream: false) < 8)
        {
            throw new InvalidDataException(
                $"{path}: the file has {length} bytes where at least 8 give the header's length; it is cut off, fetch it again");
        }

        GitLfs.Refuse(path, stream, start);
        ulong declared = BinaryPrimitives.ReadUInt64LittleEndian(start);
        if (declared > LongestHeader || (long)declared > length - 8)
        {
            throw new InvalidDataException(
                $"{path}: offset 0 gives a header of {declared} bytes, but {length - 8} bytes follow and the limit is {LongestHeader}; "
                + "the file is cut off or no safetensors file, fetch it again");
        }

        byte[] json = new byte[(int)declared];
        if (stream.ReadAtLeast(json, json.Length, throwOnEndOfStream: false) < json.Length)
        {
            throw new InvalidDataException($"{path}: the file ended inside its header of {declared} bytes; it changed while it was read, try again");
        }

        long dataStart = 8 + (long)declared;
        IReadOnlyList<SafeTensorsEntry> entries = SafeTensorsHeader.Parse(path, json, length - dataStart);
        MemoryMappedFile map =
            MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        return new SafeTensorsFile(path, map, map.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read), dataStart, entries);
    }

    /// <summary>The entry called <paramref name="name"/>, or null.</summary>
    public SafeTensorsEntry? Find(string name) => byName.GetValueOrDefault(name);

    /// <summary>Reads one tensor as float32 into a new array.</summary>
    /// <exception cref="ArgumentException">The file has no tensor of that name.</exception>
    /// <exception cref="InvalidDataException">Its element type is none of F32, BF16 and F16.</exception>
    public WeightTensor Read(string name)
    {
        SafeTensorsEntry entry = Find(name) ?? throw new ArgumentException($"{Path} has no tensor {name}", nameof(name));
        if (entry.DataType is not ("F32" or "BF16" or "F16"))
        {
            throw new InvalidDataException(
                $"{Path}: tensor {name} at offset {dataStart + entry.Begin} is stored as {entry.DataType}; F32, BF16 and F16 are read, "
                + "convert it to one of these");
        }

        float[] values = new float[(int)((entry.End - entry.Begin) / (entry.DataType == "F32" ? 4 : 2))];
        CopyTo(values, entry);
        return new WeightTensor(name, entry.Shape, values);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        view.Dispose();
        map.Dispose();
    }

    private unsafe void CopyTo(float[] values, SafeTensorsEntry entry)
    {
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        try
        {
            byte* data = start + view.PointerOffset + dataStart + entry.Begin;
            if (entry.DataType == "F32")
            {
                // Copied as bytes: a header of any length is allowed, so the floats need not be aligned.
                fixed (float* target = values) Buffer.MemoryCopy(data, target, 4L * values.Length, 4L * values.Length);
                return;
            }

            bool brain = entry.DataType == "BF16";
            for (int i = 0; i < values.Length; i++)
            {
                ushort bits = BinaryPrimitives.ReadUInt16LittleEndian(new ReadOnlySpan<byte>(data + (2L * i), 2));
                values[i] = brain ? BitConverter.UInt32BitsToSingle((uint)bits << 16) : (float)BitConverter.UInt16BitsToHalf(bits);
            }
        }
        finally
        {
            view.SafeMemoryMappedViewHandle.ReleasePointer();
        }
    }
}

using System.Text;
using OrleansAlign.Models.Checkpoints;

namespace OrleansAlign.Models.Tests.Checkpoints;

public sealed class SafeTensorsTests : IDisposable
{
    private readonly string path = Path.GetTempFileName();

    public void Dispose() => File.Delete(path);

    [Fact]
    public void Values_come_back_to_the_bit()
    {
        float[] values = [0f, -0f, 1f, -1.5f, 1.1754944e-38f, 1e-45f, 3.4028235e38f, float.PositiveInfinity, float.NegativeInfinity, float.NaN];
        SafeTensorsWriter.Write(
            path, [new WeightTensor("a", [2, 5], values), new WeightTensor("empty", [0, 3], []), new WeightTensor("scalar", [], [2])]);
        using SafeTensorsFile file = SafeTensorsFile.Open(path);
        Assert.Equal("F32", file.Find("a")!.DataType);
        Assert.Equal(values.Select(BitConverter.SingleToInt32Bits), file.Read("a").Data.Select(BitConverter.SingleToInt32Bits));
        Assert.Equal([2, 5], file.Read("a").Shape);
        Assert.Empty(file.Read("empty").Data);
        Assert.Equal([2f], file.Read("scalar").Data);
    }

    [Theory]
    [InlineData("BF16", new ushort[] { 0, 0x8000, 0x3F80, 0xBFC0, 0x0080, 1, 0x7F7F, 0x7F80, 0xFF80, 0x7FC0 },
        new[] { 0f, -0f, 1f, -1.5f, 1.1754944e-38f, 9.1835e-41f, 3.3895314e38f, float.PositiveInfinity, float.NegativeInfinity, float.NaN })]
    [InlineData("F16", new ushort[] { 0, 0x8000, 0x3C00, 0xBE00, 0x0400, 1, 0x7BFF, 0x7C00, 0xFC00, 0x7E00 },
        new[] { 0f, -0f, 1f, -1.5f, 6.1035156e-05f, 5.9604645e-08f, 65504f, float.PositiveInfinity, float.NegativeInfinity, float.NaN })]
    public void Halves_are_read_exactly(string type, ushort[] bits, float[] values)
    {
        byte[] header = Encoding.UTF8.GetBytes($"{{\"a\":{{\"dtype\":\"{type}\",\"shape\":[10],\"data_offsets\":[0,20]}}}}");
        File.WriteAllBytes(path, [.. BitConverter.GetBytes((long)header.Length), .. header, .. bits.SelectMany(BitConverter.GetBytes)]);
        using SafeTensorsFile file = SafeTensorsFile.Open(path);
        float[] found = file.Read("a").Data;
        Assert.Equal(values[..9].Select(BitConverter.SingleToInt32Bits), found[..9].Select(BitConverter.SingleToInt32Bits));
        Assert.True(float.IsNaN(found[9]));
    }

    [Fact]
    public void Metadata_may_be_null()
    {
        byte[] header = Encoding.UTF8.GetBytes("""{"__metadata__":null,"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""");
        File.WriteAllBytes(path, [.. BitConverter.GetBytes((long)header.Length), .. header, .. BitConverter.GetBytes(2.5f)]);
        using SafeTensorsFile file = SafeTensorsFile.Open(path);
        Assert.Equal([2.5f], file.Read("a").Data);
    }

    [Theory]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:4665a5ea\nsize 988097824\n", "Git LFS pointer")]
    [InlineData("version https://git-lfs.github", "offset 0 gives a header")]
    public void A_pointer_of_git_lfs_is_named_as_one(string content, string what)
    {
        File.WriteAllText(path, content);
        string message = Assert.Throws<InvalidDataException>(() => SafeTensorsFile.Open(path)).Message;
        Assert.StartsWith(path, message, StringComparison.Ordinal);
        Assert.Contains(what, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_writing_fails_the_old_file_stands()
    {
        SafeTensorsWriter.Write(path, [new WeightTensor("old", [1], [1])]);
        Assert.Throws<IOException>(() => AtomicFile.Write(path, _ => throw new IOException("full")));
        using SafeTensorsFile file = SafeTensorsFile.Open(path);
        Assert.NotNull(file.Find("old"));
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(path)!, Path.GetFileName(path) + ".*.partial"));
    }

    public static TheoryData<string> Models => [.. Fixtures.ModelsWith("expected.json").Keys];

    [Theory]
    [MemberData(nameof(Models))]
    public void A_file_of_the_format_s_own_writer_is_written_again_byte_for_byte(string model)
    {
        string original = Path.Combine(Fixtures.ModelsWith("expected.json")[model], "model.safetensors");
        using SafeTensorsFile file = SafeTensorsFile.Open(original);
        SafeTensorsWriter.Write(path, [.. file.Entries.Select(e => file.Read(e.Name))]);
        Assert.Equal(File.ReadAllBytes(original), File.ReadAllBytes(path));
    }

    [Fact]
    public void Data_is_aligned_and_the_offsets_have_no_holes()
    {
        SafeTensorsWriter.Write(path, [new WeightTensor("a", [3], [1, 2, 3]), new WeightTensor("bé", [1], [4])]);
        byte[] bytes = File.ReadAllBytes(path);
        Assert.Equal(0, BitConverter.ToInt64(bytes) % 8);
        Assert.Equal(8 + BitConverter.ToInt64(bytes) + 16, bytes.Length);
        using SafeTensorsFile file = SafeTensorsFile.Open(path);
        Assert.Equal(["a", "bé"], file.Entries.Select(e => e.Name));
        Assert.Equal([4f], file.Read("bé").Data);
    }

    [Fact]
    public void What_cannot_be_a_file_is_refused_when_written()
    {
        Assert.Throws<ArgumentException>(() => SafeTensorsWriter.Write(path, [new WeightTensor("a", [1], [1]), new WeightTensor("a", [1], [1])]));
        Assert.Throws<ArgumentException>(() => SafeTensorsWriter.Write(path, [new WeightTensor("__metadata__", [1], [1])]));
        Assert.Throws<ArgumentException>(() => SafeTensorsWriter.Write(path, [new WeightTensor("a", [2], [1])]));
    }

    [Fact]
    public void Asking_for_an_absent_tensor_is_misuse()
    {
        SafeTensorsWriter.Write(path, [new WeightTensor("a", [1], [1])]);
        using SafeTensorsFile file = SafeTensorsFile.Open(path);
        Assert.Null(file.Find("b"));
        Assert.Throws<ArgumentException>(() => file.Read("b"));
    }
}

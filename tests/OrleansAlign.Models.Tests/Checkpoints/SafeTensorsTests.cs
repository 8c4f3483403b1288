using OrleansAlign.Models.Checkpoints;

namespace OrleansAlign.Models.Tests.Checkpoints;

public sealed class SafeTensorsTests : IDisposable
{
    private readonly string path = Path.GetTempFileName();

    public void Dispose() => File.Delete(path);

    [Theory]
    [InlineData(ElementType.F32,
        new[] { 0f, -0f, 1f, -1.5f, 1.1754944e-38f, 1e-45f, 3.4028235e38f, float.PositiveInfinity, float.NegativeInfinity, float.NaN })]
    [InlineData(ElementType.BF16,
        new[] { 0f, -0f, 1f, -1.5f, 1.1754944e-38f, 9.1835e-41f, 3.3895314e38f, float.PositiveInfinity, float.NegativeInfinity, float.NaN })]
    [InlineData(ElementType.F16,
        new[] { 0f, -0f, 1f, -1.5f, 6.1035156e-05f, 5.9604645e-08f, 65504f, float.PositiveInfinity, float.NegativeInfinity, float.NaN })]
    public void Values_of_the_type_come_back_to_the_bit(ElementType type, float[] values)
    {
        SafeTensorsWriter.Write(path, [new WeightTensor("a", [2, values.Length / 2], values), new WeightTensor("empty", [0, 3], []),
            new WeightTensor("scalar", [], [2])], type);
        using SafeTensorsFile file = SafeTensorsFile.Open(path);
        Assert.Equal("pt", file.Metadata["format"]);
        Assert.Equal(type.ToString(), file.Find("a")!.DataType);
        Assert.Equal(values.Select(BitConverter.SingleToInt32Bits), file.Read("a").Data.Select(BitConverter.SingleToInt32Bits));
        Assert.Equal([2, values.Length / 2], file.Read("a").Shape);
        Assert.Empty(file.Read("empty").Data);
        Assert.Equal([2f], file.Read("scalar").Data);
    }

    [Theory]
    [InlineData(1.00390625f, 1f)] // 1 + 2⁻⁸ is half-way: to the even 1
    [InlineData(1.01171875f, 1.015625f)] // 1 + 3 · 2⁻⁸ is half-way: to the even 1 + 4 · 2⁻⁸
    [InlineData(1.0039064f, 1.0078125f)] // just above half-way
    [InlineData(-1.01171875f, -1.015625f)]
    public void BF16_rounds_to_the_nearest_and_ties_to_even(float value, float expected)
    {
        SafeTensorsWriter.Write(path, [new WeightTensor("a", [1], [value])], ElementType.BF16);
        using SafeTensorsFile file = SafeTensorsFile.Open(path);
        Assert.Equal([expected], file.Read("a").Data);
    }

    [Theory]
    [InlineData(ElementType.F16, 70000f)]
    [InlineData(ElementType.BF16, 3.4e38f)]
    public void A_value_beyond_the_range_is_refused_and_the_old_file_stands(ElementType type, float value)
    {
        SafeTensorsWriter.Write(path, [new WeightTensor("old", [1], [1])]);
        float[] values = [0, 0, value];
        ArgumentException error = Assert.Throws<ArgumentException>(() => SafeTensorsWriter.Write(path, [new WeightTensor("new", [3], values)], type));
        Assert.Contains("new[2] is ", error.Message, StringComparison.Ordinal);
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

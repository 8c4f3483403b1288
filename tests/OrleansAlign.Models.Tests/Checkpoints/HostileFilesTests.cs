using System.Buffers.Binary;
using System.Text;
using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Models.Tests.Checkpoints;

/// <summary>Broken and forged files: every one loads or is refused with <see cref="InvalidDataException"/>; nothing else may come out.</summary>
public sealed class HostileFilesTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("align-hostile").FullName;

    public HostileFilesTests() => Checkpoint.Save(ModelWeights.Initialize(CheckpointTests.Tiny, 1), directory);

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Theory]
    [InlineData("config.json", 30)]
    [InlineData("generation_config.json", 1)]
    [InlineData("model.safetensors", 1500)]
    public void Truncation_at_every_length_is_refused(string file, int leastRefused)
    {
        string path = Path.Combine(directory, file);
        byte[] whole = File.ReadAllBytes(path);
        int refused = 0;
        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(path, whole[..length]);
            refused += Refuses() ? 1 : 0;
        }

        Assert.Equal(whole.Length, refused);
        Assert.True(refused > leastRefused);
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("generation_config.json")]
    [InlineData("model.safetensors")]
    public void Any_change_of_any_byte_loads_or_is_refused(string file)
    {
        string path = Path.Combine(directory, file);
        byte[] whole = File.ReadAllBytes(path);
        int refused = 0, loaded = 0;
        for (int at = 0; at < whole.Length; at++)
        {
            // Bytes that mean something in JSON, bytes that are no UTF-8, and the neighbouring digit.
            foreach (byte value in (byte[])[0, .. "\"\\{}9"u8, 0x80, 0xFF, (byte)(whole[at] ^ 1), (byte)(whole[at] ^ 0x80)])
            {
                if (value == whole[at]) continue;
                byte[] changed = [.. whole];
                changed[at] = value;
                File.WriteAllBytes(path, changed);
                if (Refuses()) refused++;
                else loaded++;
            }
        }

        Assert.True(refused > 0, "no change was refused");
        Assert.True(loaded > 0, "no change was harmless: not even one of a weight or of white space");
    }

    [Fact]
    public void Shards_and_index_stand_the_same_treatment()
    {
        Checkpoint.Save(ModelWeights.Initialize(CheckpointTests.Tiny, 1), directory, maxShardBytes: 300);
        foreach (string path in Directory.GetFiles(directory, "model*"))
        {
            byte[] whole = File.ReadAllBytes(path);
            for (int at = 0; at < whole.Length; at++)
            {
                File.WriteAllBytes(path, whole[..at]);
                Assert.True(Refuses());
                byte[] changed = [.. whole];
                changed[at] ^= (byte)(1 << (at % 8));
                File.WriteAllBytes(path, changed);
                Refuses();
            }

            File.WriteAllBytes(path, whole);
        }

        Assert.False(Refuses());
    }

    [Fact]
    public void Random_bytes_behind_a_plausible_length_are_refused()
    {
        string path = Path.Combine(directory, Checkpoint.WeightsFileName);
        for (ulong seed = 0; seed < 300; seed++)
        {
            byte[] bytes = new byte[64 + CounterRandom.Integer(seed, 0, 200)];
            for (int i = 0; i < bytes.Length; i++) bytes[i] = (byte)CounterRandom.Bits(seed, (ulong)i + 1);
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)CounterRandom.Integer(seed, 1, bytes.Length));
            if (seed % 2 == 0) bytes[8] = (byte)'{';
            File.WriteAllBytes(path, bytes);
            Assert.True(Refuses());
        }
    }

    [Theory]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}",
        12, "b begins at data offset 4, inside")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,12]}}",
        12, "no holes")]
    [InlineData(
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", 8, "'a'")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 8, "8 bytes follow the header")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", 4, "the size -1 in dimension 0")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,4]}}", 4, "the size 1.5 in dimension 0")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967297],\"data_offsets\":[0,4]}}", 4, "the size 4294967297")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[65536,65536,65536,65536],\"data_offsets\":[0,0]}}", 0, "elements, the most")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1,1,1,1,1],\"data_offsets\":[0,4]}}", 4, "9 dimensions")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", 4, "has 4 bytes, but F32 [2] takes 8")]
    [InlineData("{\"a\":{\"dtype\":\"F33\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "unknown dtype F33")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}", 4, "must be ascending")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[-4,0]}}", 4, "must be ascending")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,9223372036854775807]}}", 4, "within the 4 bytes")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,99999999999999999999]}}", 4, "two integers")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}", 4, "two integers")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, "a has no data_offsets")]
    [InlineData("{\"a\":{\"dtype\":7,\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "Number as dtype")]
    [InlineData("{\"a\":[1]}", 0, "a is Array")]
    [InlineData("{\"__metadata__\":{\"n\":1}}", 0, "__metadata__.n is Number")]
    [InlineData("{\"\\ud800\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "not Unicode")]
    [InlineData("[]", 0, "does not begin with '{'")]
    [InlineData("{\"a\":", 0, "not JSON")]
    public void A_header_that_breaks_a_rule_is_refused_by_that_rule(string header, int dataBytes, string rule)
    {
        string path = WriteRaw((ulong)Encoding.UTF8.GetByteCount(header), header, dataBytes);
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => SafeTensorsFile.Open(path));
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(rule, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData((ulong)long.MaxValue)]
    [InlineData(100_000_001ul)]
    [InlineData(3ul)]
    public void A_header_longer_than_the_file_is_refused_before_memory_is_taken(ulong length)
    {
        string path = WriteRaw(length, "{}", 0);
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => SafeTensorsFile.Open(path));
        Assert.Contains($"offset 0 gives a header of {length} bytes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_type_that_no_weight_has_is_listed_but_not_read()
    {
        const string Header = "{\"a\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]}}   ";
        string path = WriteRaw((ulong)Header.Length, Header, 8);
        using SafeTensorsFile file = SafeTensorsFile.Open(path);
        Assert.Equal("I64", file.Find("a")!.DataType);
        Assert.Contains("stored as I64", Assert.Throws<InvalidDataException>(() => file.Read("a")).Message, StringComparison.Ordinal);
    }

    private string WriteRaw(ulong length, string header, int dataBytes)
    {
        string path = Path.Combine(directory, "raw.safetensors");
        byte[] start = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(start, length);
        File.WriteAllBytes(path, [.. start, .. Encoding.UTF8.GetBytes(header), .. new byte[dataBytes]]);
        return path;
    }

    private bool Refuses()
    {
        try
        {
            Checkpoint.Load(directory);
            return false;
        }
        catch (InvalidDataException e)
        {
            Assert.Contains(directory, e.Message, StringComparison.Ordinal);
            return true;
        }
    }
}

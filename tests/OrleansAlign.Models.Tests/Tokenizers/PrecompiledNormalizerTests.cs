using System.Text.Json;
using OrleansAlign.Models.Numerics;
using OrleansAlign.Models.Text;
using OrleansAlign.Models.Tokenizers;

namespace OrleansAlign.Models.Tests.Tokenizers;

public class PrecompiledNormalizerTests
{
    private static readonly Normalizer Map = Read(CharacterMap.Build(
        ("ﬁ", "fi"), ("\u00A0", " "), ("o\u0301", "ó"), ("A", "a"), ("\u200B", ""), ("e", "E"), ("e\u0301", "é"), ("👩", "W"), ("㍿", "株式会社")));

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("", "")]
    [InlineData("Aﬁ\u00A0x", "afi x")]
    [InlineData("o\u0301o", "óo")]
    [InlineData("a\u200Bb", "ab")]
    [InlineData("㍿x", "株式会社x")]
    [InlineData("e\u0301", "E")] // The shortest key that a grapheme starts with stands for all of it.
    [InlineData("👩‍👧!", "W‍👧!")] // A grapheme of more than five bytes goes character by character.
    public void Characters_are_mapped_as_in_the_original(string text, string expected) => Assert.Equal(expected, Map.Apply(text));

    [Fact]
    public void What_comes_of_content_is_content()
    {
        MarkedText text = new MarkedText.Builder().Append("Aﬁ", isContent: false).Append("ﬁA", isContent: true).Append("A", isContent: false).Build();
        MarkedText mapped = Map.Apply(text);
        Assert.Equal("afifiaa", mapped.Text);
        Assert.Equal([new TextSpan(3, 6)], mapped.Content);
    }

    [Theory]
    [InlineData("AAAA")]
    [InlineData("CAAAAAAAAAA=")]
    [InlineData("not base 64!")]
    public void A_broken_map_is_refused(string map) =>
        Assert.Contains("precompiled_charsmap", Assert.Throws<InvalidDataException>(() => Read(map)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_map_of_any_bytes_ends()
    {
        for (ulong seed = 0; seed < 200; seed++)
        {
            byte[] map = [16, 0, 0, 0, .. Enumerable.Range(0, 24).Select(i => (byte)CounterRandom.Integer(seed, (ulong)i, 256))];
            Assert.NotNull(Read(Convert.ToBase64String(map)).Apply("Aﬁ o\u0301\u0001é"));
        }
    }

    private static Normalizer Read(string map)
    {
        using JsonDocument document = JsonDocument.Parse($$"""{"type":"Precompiled","precompiled_charsmap":"{{map}}"}""");
        return NormalizerReader.Read(new JsonPlace("here", "normalizer", document.RootElement.Clone()))!;
    }
}

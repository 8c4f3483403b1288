using System.Text.Json;
using OrleansAlign.Models.Text;
using OrleansAlign.Models.Tokenizers;

namespace OrleansAlign.Models.Tests.Tokenizers;

public class NormalizerTests
{
    public static TheoryData<string, string, string> Examples => new()
    {
        { """{"type":"NFC"}""", "e\u0301", "é" },
        { """{"type":"NFD"}""", "é", "e\u0301" },
        { """{"type":"NFKC"}""", "ﬁ", "fi" },
        { """{"type":"NFKD"}""", "ﬁé", "fie\u0301" },
        { """{"type":"Lowercase"}""", "ÀÉΣİ𐐏ẞ", "àéσi\u0307𐐷ß" },
        { """{"type":"StripAccents"}""", "e\u0301a\u20DDक\u093E", "eaक" },
        { """{"type":"Strip"}""", " \u00A0a b\n", "a b" },
        { """{"type":"Strip","strip_left":false}""", " a ", " a" },
        { """{"type":"Strip","strip_right":false}""", " a ", "a " },
        { """{"type":"Prepend","prepend":"▁"}""", "a", "▁a" },
        { """{"type":"Prepend","prepend":"▁"}""", "", "" },
        { """{"type":"Replace","pattern":{"String":" "},"content":"▁"}""", "a b  c", "a▁b▁▁c" },
        { """{"type":"Replace","pattern":{"Regex":" {2,}"},"content":"_"}""", "a b   c", "a b_c" },
        { """{"type":"Replace","pattern":{"Regex":"a*"},"content":"-"}""", "aab", "-b-" },
        { """{"type":"Sequence","normalizers":[{"type":"NFD"},{"type":"StripAccents"},{"type":"Lowercase"}]}""", "ÉÀ", "ea" },
        { """{"type":"Sequence","normalizers":[]}""", "É", "É" },
    };

    [Theory]
    [MemberData(nameof(Examples))]
    public void Texts_become_those_of_the_original(string json, string text, string expected) => Assert.Equal(expected, Read(json).Apply(text));

    [Theory]
    [MemberData(nameof(Examples))]
    public void Marks_change_no_character(string json, string example, string expected)
    {
        Normalizer normalizer = Read(json);
        Assert.Equal(expected, normalizer.Apply(MarkedText.OfFrame(example)).Text);
        for (ulong seed = 0; seed < 200; seed++)
        {
            MarkedText marked = RandomMarked(seed);
            Assert.Equal(normalizer.Apply(marked.Text), normalizer.Apply(marked).Text);
            Assert.Empty(normalizer.Apply(MarkedText.OfFrame(marked.Text)).Content);
        }
    }

    [Fact]
    public void Marks_move_with_their_characters()
    {
        MarkedText text = new MarkedText.Builder().Append("  ﬁ", false).Append("ﬂÉ ", true).Append("é ", false).Build();
        Assert.Equal("-fi+flé -é", Show(Read("""{"type":"Sequence","normalizers":[{"type":"Strip"},{"type":"NFKC"},{"type":"Lowercase"}]}""").Apply(text)));
        Assert.Equal("-▁__ﬁ+ﬂÉ_-é_", Show(Read(
            """{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},{"type":"Replace","pattern":{"String":" "},"content":"_"}]}""").Apply(text)));
    }

    [Fact]
    public void A_character_that_content_composes_with_counts_as_content()
    {
        MarkedText text = new MarkedText.Builder().Append("<s>xe", false).Append("\u0301b", true).Append("<s>", false).Build();
        Assert.Equal("-<s>x+éb-<s>", Show(Read("""{"type":"NFC"}""").Apply(text)));
        MarkedText replaced = new MarkedText.Builder().Append("a<", false).Append("b", true).Append(">", false).Build();
        Assert.Equal("-a+!", Show(Read("""{"type":"Replace","pattern":{"String":"<b>"},"content":"!"}""").Apply(replaced)));
    }

    [Theory]
    [InlineData("""{"type":"Precompiled"}""", "precompiled_charsmap")]
    [InlineData("""{"type":"Nmt"}""", "Nmt")]
    [InlineData("""{"type":"Replace","pattern":{"Regex":"["},"content":""}""", "does not end")]
    [InlineData("""{"type":"Prepend"}""", "prepend")]
    [InlineData("""{"type":"Sequence","normalizers":[null]}""", "missing")]
    public void What_is_not_understood_is_named(string json, string named)
    {
        InvalidDataException e = Assert.Throws<InvalidDataException>(() => Read(json));
        Assert.Contains(named, e.Message, StringComparison.Ordinal);
    }

    internal static MarkedText RandomMarked(ulong seed)
    {
        MarkedText.Builder builder = new();
        for (ulong i = 0; i < 8; i++) builder.Append(TestTokenizer.RandomText(seed + (1000 * i), (int)((seed + i) % 4)), (seed >> (int)i) % 2 == 0);
        return builder.Build();
    }

    private static Normalizer Read(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return NormalizerReader.Read(new JsonPlace("here", "normalizer", document.RootElement))!;
    }

    /// <summary>Frame after '-', content after '+'.</summary>
    private static string Show(MarkedText text) => string.Concat(text.Text.Select((c, i) =>
        (i == 0 || text.IsContent(i) != text.IsContent(i - 1) ? text.IsContent(i) ? "+" : "-" : "") + c));
}

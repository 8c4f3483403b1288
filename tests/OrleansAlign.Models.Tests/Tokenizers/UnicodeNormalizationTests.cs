using System.Text;
using OrleansAlign.Models.Tokenizers;

namespace OrleansAlign.Models.Tests.Tokenizers;

public class UnicodeNormalizationTests
{
    [Theory]
    [InlineData("NFC", 0x25cd4d3e1581e5caUL)]
    [InlineData("NFD", 0xe2668e35a6ca444aUL)]
    [InlineData("NFKC", 0x15b628fe81ede2f0UL)]
    [InlineData("NFKD", 0x73a23e5d6c373781UL)]
    public void Every_code_point_becomes_what_Python_says(string form, ulong expected)
    {
        // FNV-1a over the code units of all code points' forms, in order; the numbers are from Python 3.11's unicodedata (Unicode 14.0).
        ulong hash = 0xCBF29CE484222325;
        for (int c = 0; c < 0x110000; c++)
        {
            if (c is >= 0xD800 and < 0xE000) continue;
            foreach (char unit in UnicodeNormalization.Normalize(new Rune(c).ToString(),
                Enum.Parse<UnicodeForm>(form))) hash = (hash ^ unit) * 0x100000001B3;
        }

        Assert.Equal(expected, hash);
    }

    [Theory]
    [InlineData("NFC", "e\u0301", "é")]
    [InlineData("NFC", "a\u0301\u0323", "ạ\u0301")]
    [InlineData("NFC", "\u1100\u1161\u11A8", "각")]
    [InlineData("NFC", "\uAC00\u11A8", "각")]
    [InlineData("NFC", "\u0344", "\u0308\u0301")]
    [InlineData("NFC", "\u212B", "Å")]
    [InlineData("NFC", "a\u0315\u0300\u05AEb", "\u00E0\u05AE\u0315b")]
    [InlineData("NFC", "\u0B47\u0300\u0B3E", "\u0B47\u0300\u0B3E")]
    [InlineData("NFC", "𑄮", "𑄮")]
    [InlineData("NFD", "각é", "\u1100\u1161\u11A8e\u0301")]
    [InlineData("NFD", "ạ\u0301", "a\u0323\u0301")]
    [InlineData("NFKC", "ﬁ Ⅷ ① ＜ｓ＞", "fi VIII 1 <s>")]
    [InlineData("NFKD", "ǆ é", "dz\u030C e\u0301")]
    public void Marks_order_and_compose_across_characters(string form, string text, string expected) =>
        Assert.Equal(expected, UnicodeNormalization.Normalize(text, Enum.Parse<UnicodeForm>(form)));

    [Fact]
    public void A_text_in_its_form_stays_as_it_is()
    {
        for (ulong seed = 0; seed < 200; seed++)
        {
            string text = TestTokenizer.RandomText(seed, 40);
            foreach (UnicodeForm form in Enum.GetValues<UnicodeForm>())
            {
                string once = UnicodeNormalization.Normalize(text, form);
                Assert.Equal(once, UnicodeNormalization.Normalize(once, form));
            }

            Assert.Equal(
                UnicodeNormalization.Normalize(text, UnicodeForm.NFC),
                UnicodeNormalization.Normalize(UnicodeNormalization.Normalize(text, UnicodeForm.NFD), UnicodeForm.NFC));
        }
    }
}

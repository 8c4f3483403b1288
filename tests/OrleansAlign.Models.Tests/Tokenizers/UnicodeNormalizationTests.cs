using System.Text;
using OrleansAlign.Models.Tokenizers;

namespace OrleansAlign.Models.Tests.Tokenizers;

public class UnicodeNormalizationTests
{
    [Theory]
    [InlineData(NormalizationForm.FormC, 0x25cd4d3e1581e5caUL)]
    [InlineData(NormalizationForm.FormD, 0xe2668e35a6ca444aUL)]
    [InlineData(NormalizationForm.FormKC, 0x15b628fe81ede2f0UL)]
    [InlineData(NormalizationForm.FormKD, 0x73a23e5d6c373781UL)]
    public void Every_code_point_becomes_what_Python_says(NormalizationForm form, ulong expected)
    {
        // FNV-1a over the code units of all code points' forms, in order; the numbers are from Python 3.11's unicodedata (Unicode 14.0).
        ulong hash = 0xCBF29CE484222325;
        for (int c = 0; c < 0x110000; c++)
        {
            if (c is >= 0xD800 and < 0xE000) continue;
            foreach (char unit in UnicodeNormalization.Normalize(new Rune(c).ToString(), form)) hash = (hash ^ unit) * 0x100000001B3;
        }

        Assert.Equal(expected, hash);
    }

    [Theory]
    [InlineData(NormalizationForm.FormC, "e\u0301", "é")]
    [InlineData(NormalizationForm.FormC, "a\u0301\u0323", "ạ\u0301")]
    [InlineData(NormalizationForm.FormC, "\u1100\u1161\u11A8", "각")]
    [InlineData(NormalizationForm.FormC, "\uAC00\u11A8", "각")]
    [InlineData(NormalizationForm.FormC, "\u0344", "\u0308\u0301")]
    [InlineData(NormalizationForm.FormC, "\u212B", "Å")]
    [InlineData(NormalizationForm.FormC, "a\u0315\u0300\u05AEb", "\u00E0\u05AE\u0315b")]
    [InlineData(NormalizationForm.FormC, "\u0B47\u0300\u0B3E", "\u0B47\u0300\u0B3E")]
    [InlineData(NormalizationForm.FormC, "𑄮", "𑄮")]
    [InlineData(NormalizationForm.FormD, "각é", "\u1100\u1161\u11A8e\u0301")]
    [InlineData(NormalizationForm.FormD, "ạ\u0301", "a\u0323\u0301")]
    [InlineData(NormalizationForm.FormKC, "ﬁ Ⅷ ① ＜ｓ＞", "fi VIII 1 <s>")]
    [InlineData(NormalizationForm.FormKD, "ǆ é", "dz\u030C e\u0301")]
    public void Marks_order_and_compose_across_characters(NormalizationForm form, string text, string expected) =>
        Assert.Equal(expected, UnicodeNormalization.Normalize(text, form));

    [Fact]
    public void A_text_in_its_form_stays_as_it_is()
    {
        for (ulong seed = 0; seed < 200; seed++)
        {
            string text = TestTokenizer.RandomText(seed, 40);
            foreach (NormalizationForm form in Enum.GetValues<NormalizationForm>())
            {
                string once = UnicodeNormalization.Normalize(text, form);
                Assert.Equal(once, UnicodeNormalization.Normalize(once, form));
            }

            Assert.Equal(
                UnicodeNormalization.Normalize(text, NormalizationForm.FormC),
                UnicodeNormalization.Normalize(UnicodeNormalization.Normalize(text, NormalizationForm.FormD), NormalizationForm.FormC));
        }
    }
}

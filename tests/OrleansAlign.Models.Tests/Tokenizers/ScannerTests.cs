using System.Globalization;
using System.Text;
using OrleansAlign.Models.Tokenizers;

namespace OrleansAlign.Models.Tests.Tokenizers;

public class ScannerTests
{
    public static TheoryData<string> KnownPatterns => [.. PreTokenizerReader.KnownPatterns.Keys];

    [Theory]
    [MemberData(nameof(KnownPatterns))]
    public void A_hand_written_scanner_finds_what_its_pattern_finds(string pattern)
    {
        RegexScanner general = new(pattern);
        Scanner own = PreTokenizerReader.KnownPatterns[pattern];
        for (ulong seed = 0; seed < 3000; seed++)
        {
            string text = TestTokenizer.RandomText(seed, 1 + (int)(seed % 30));
            Assert.Equal(general.Matches(text), own.Matches(text));
        }
    }

    [Fact]
    public void Letters_beyond_the_basic_plane_are_letters()
    {
        Assert.Equal(["𝒳𐐷a𠀀", "🙂", " 𝟘"], PreTokenizerReader.KnownPatterns[PreTokenizerReader.Gpt2Pattern].Matches("𝒳𐐷a𠀀🙂 𝟘"));
        Assert.Equal(["𝒳𐐷a𠀀", "𝟘"], new RegexScanner(@"\p{L}+|\p{N}").Matches("𝒳𐐷a𠀀🙂 𝟘"));
        Assert.Equal(["🙂"], new RegexScanner(@"[^\s\p{L}\p{N}]").Matches("𝒳𐐷a𠀀🙂 𝟘"));
        Assert.Equal(["𐐏", "𐐷"], new RegexScanner(@"\p{Lu}|\p{Ll}").Matches("𐐏𐐷"));
        Assert.Equal(["𠀀中"], new RegexScanner(@"\p{Han}+").Matches("ア𠀀中𝒳"));
    }

    [Fact]
    public void Every_character_beyond_the_basic_plane_has_the_category_it_has()
    {
        string[] categories =
        [
            "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Pc", "Pd", "Ps",
            "Pe", "Pi", "Pf", "Po",
            "Sm", "Sc", "Sk", "So", "Cn",
        ];
        RuneStandIns standIns = OnigurumaPattern.ToDotNet(@"[𐀀-𐏿]|\p{L}").StandIns;
        char[] stand = new char[2];
        HashSet<(char, UnicodeCategory)> seen = [];
        for (int c = 0x10000; c < 0x110000; c++)
        {
            Assert.Equal(1, standIns.Project(new Rune(c).ToString(), stand, new int[3]));
            UnicodeCategory category = CharUnicodeInfo.GetUnicodeCategory(c);
            if (!seen.Add((stand[0], category))) continue;
            foreach (string name in new[] { categories[(int)category], categories[(int)category][..1] })
            {
                Assert.Single(new RegexScanner($@"\p{{{name}}}").Matches(new Rune(c).ToString()));
                Assert.Empty(new RegexScanner($@"\P{{{name}}}").Matches(new Rune(c).ToString()));
                Assert.Empty(new RegexScanner($@"[^\p{{{name}}}]").Matches(new Rune(c).ToString()));
            }
        }

        Assert.Equal(seen.Count, seen.Select(entry => entry.Item1).Distinct().Count());
    }

    [Theory]
    [InlineData(@"(?i:'s|'ll)", "'S 'ſ 'lL 'x", "'S|'ſ|'lL")]
    [InlineData(@"(?i)k+", "kK\u212A", "kK\u212A")]
    [InlineData(@"(?i)a|b", "AbB", "A|b|B")]
    [InlineData(@"x(?i)a|b", "xA B xb", "xA|xb")]
    [InlineData(@"[^\r\n]?+a", "ba", "ba")]
    [InlineData(@"a?+a", "a", "")]
    [InlineData(@"(?>a+)b", "aab", "aab")]
    [InlineData(@"a{2}", "aaaa", "aa|aa")]
    [InlineData(@"\p{N}{1,3}", "1234", "123|4")]
    [InlineData(@"a{,2}b", "aaab", "aab")]
    [InlineData(@"a{x", "a{x", "a{x")]
    [InlineData(@"(?<=a)b(?!c)", "abcab", "b")]
    [InlineData(@"\s+", "a\u0085\u00A0\u2028b\u001Cc\u200Bd", "\u0085\u00A0\u2028")]
    [InlineData(@"\w+", "aé_1 Ⅷ-x½௰ⓐ🄰", "aé_1|Ⅷ|x½|ⓐ🄰")]
    [InlineData(@"[[:punct:]]+|[[:digit:]]|\p{Punct}", "+a1!", "+|1|!")]
    [InlineData(@"[[:^digit:]]+", "+a1!", "+a|!")]
    [InlineData(@"[a-z&&[^b]]+", "abc", "a|c")]
    [InlineData(@"[^a[b]]+", "abcd", "cd")]
    [InlineData(@"\P{L}+|[\P{L}]", "a1b", "1")]
    [InlineData(@"\p{^L}", "a1b", "1")]
    [InlineData(@"[\p{P}\p{S}]+", "a+=!b", "+=!")]
    [InlineData(@"[!""#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~]+", "a[]\\^-b", "[]\\^-")]
    [InlineData(@"[一-龥぀-ゟ゠-ヿ]+", "漢字かな𠀀x", "漢字かな")]
    [InlineData(@"[a-c𐐀-𐑏🙂]+", "b𐐷𐐏🙂𝒳c🙃", "b𐐷𐐏🙂|c")]
    [InlineData(@"[Ⴀ-Ⴥᴀ-ᴫ𐐀-𐐧]+|\p{L}", "Ⴀ𐐏𝒳𐐷", "Ⴀ𐐏|𝒳|𐐷")]
    [InlineData(@"🙂+|\x{1F643}", "🙂🙂🙃", "🙂🙂|🙃")]
    [InlineData(@"[\x{10000}-\x{10FFFF}]", "a🙂𝒳\uE000", "🙂|𝒳")]
    [InlineData(@"[^🙂\p{Ll}]+", "a🙂𝒳𐐷🙃\uE005", "𝒳|🙃\uE005")]
    [InlineData(@"\p{Co}", "\uE000a\uF8FF𝒳", "\uE000|\uF8FF")]
    [InlineData(@"[\uE000-\uE100]+", "\uE000a𝒳", "\uE000")]
    [InlineData(@"\w+", "𝒳𐐷🙂𝟘", "𝒳𐐷|𝟘")]
    [InlineData(@"^a|b$", "a\nab\n", "a|a|b")]
    [InlineData(@"\x{41}\u0042\x43", "ABC", "ABC")]
    [InlineData(@"a.c", "abc a\nc", "abc")]
    [InlineData(@"(?m:a.c)", "a\nc", "a\nc")]
    [InlineData(@"\bab\b", "ab cab ab", "ab|ab")]
    [InlineData(@"(?x: a  b # both
)", "ab", "ab")]
    public void Oniguruma_s_constructs_mean_what_they_mean_there(string pattern, string text, string expected) =>
        Assert.Equal(expected, string.Join('|', new RegexScanner(pattern).Matches(text)));

    [Theory]
    [InlineData("(")]
    [InlineData(")")]
    [InlineData("a)")]
    [InlineData("[a")]
    [InlineData("*a")]
    [InlineData("a|*")]
    [InlineData("[b-a]")]
    [InlineData(@"\")]
    [InlineData(@"\p{Klingon}")]
    [InlineData("[[:alpha:]]")]
    [InlineData(@"\pL")]
    [InlineData(@"(a)\1")]
    [InlineData(@"\K")]
    [InlineData("(?~a)")]
    [InlineData("a{1000000}")]
    [InlineData("a{3,2}")]
    [InlineData(@"\x{110000}")]
    [InlineData(@"\uD800")]
    public void What_is_not_understood_is_refused(string pattern) => Assert.Throws<FormatException>(() => new RegexScanner(pattern));

    [Fact]
    public void Groups_that_nest_without_end_are_refused() =>
        Assert.Throws<FormatException>(() => new RegexScanner(new string('(', 5000) + new string(')', 5000)));

    [Fact]
    public void O200k_cuts_words_where_capitals_start()
    {
        const string Upper = @"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", Lower = @"[\p{Ll}\p{Lm}\p{Lo}\p{M}]", Ending = "(?i:'s|'t|'re|'ve|'m|'ll|'d)?";
        const string Pattern = @"[^\r\n\p{L}\p{N}]?" + Upper + "*" + Lower + "+" + Ending + @"|[^\r\n\p{L}\p{N}]?" + Upper + "+" + Lower
            + "*" + Ending
            + @"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";
        Assert.IsType<O200kScanner>(PreTokenizerReader.KnownPatterns[Pattern]);
        Assert.Equal(
            ["Hello", "World's", " HTTPServer's", "  ", " ", "123", "4", " !!/\n\n", "你好", "𝒳"],
            PreTokenizerReader.KnownPatterns[Pattern].Matches("HelloWorld's HTTPServer's   1234 !!/\n\n你好𝒳"));
    }
}

using OrleansAlign.Models.Text;
using static OrleansAlign.Models.Tests.Chat.Rendering;

namespace OrleansAlign.Models.Tests.Chat;

/// <summary>The parts of <see cref="MarkedText"/> that templates are built on.</summary>
public class MarkedTextSliceTests
{
    private static readonly MarkedText Sample = new MarkedText.Builder().Append("ab", false).Append("cd", true).Append("ef", false).Append("gh", true).Build();

    [Fact]
    public void Every_slice_keeps_every_mark()
    {
        for (int start = 0; start <= Sample.Text.Length; start++)
        {
            for (int end = start; end <= Sample.Text.Length; end++)
            {
                MarkedText slice = Sample.Slice(start, end);
                Assert.Equal(Sample.Text[start..end], slice.Text);
                for (int i = start; i < end; i++) Assert.Equal(Sample.IsContent(i), slice.IsContent(i - start));
                Assert.All(slice.Content, span => Assert.True(span.Length > 0));
            }
        }
    }

    [Fact]
    public void Adjoining_content_becomes_one_span()
    {
        var builder = new MarkedText.Builder();
        MarkedText joined = builder.Append(Sample, 2, 4).Append("x", true).Append("", true).Append("", false).Append(Sample.Slice(6, 8)).Build();
        Assert.Equal("‹cdxgh›", Show(joined));
        Assert.Equal([new TextSpan(0, 5)], joined.Content);
    }

    [Theory]
    [InlineData(-1, 2)]
    [InlineData(3, 2)]
    [InlineData(0, 9)]
    public void A_slice_outside_of_the_text_is_refused(int start, int end) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Sample.Slice(start, end));
}

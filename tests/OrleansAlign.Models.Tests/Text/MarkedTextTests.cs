using OrleansAlign.Models.Tests.Tokenizers;
using OrleansAlign.Models.Text;

namespace OrleansAlign.Models.Tests.Text;

public class MarkedTextTests
{
    [Fact]
    public void Adjoining_content_is_one_span()
    {
        MarkedText text = new MarkedText.Builder().Append("ab", true).Append("", false).Append("c", true).Append("d", false).Append("", true).Build();
        Assert.Equal([new TextSpan(0, 3)], text.Content);
        Assert.True(text.IsContent(2) && !text.IsContent(3));
        Assert.True(text.Overlaps(2, 4) && !text.Overlaps(3, 4));
    }

    [Fact]
    public void Runs_cover_the_text_in_order()
    {
        for (ulong seed = 0; seed < 100; seed++)
        {
            MarkedText text = NormalizerTests.RandomMarked(seed);
            (TextSpan Span, bool IsContent)[] runs = [.. text.Runs()];
            Assert.Equal(text.Text, string.Concat(runs.Select(run => text.Text[run.Span.Start..run.Span.End])));
            Assert.All(runs, run => Assert.True(run.Span.Length > 0 && Enumerable.Range(run.Span.Start, run.Span.Length).All(i =>
                text.IsContent(i) == run.IsContent)));
            Assert.All(runs.Zip(runs.Skip(1)), pair => Assert.NotEqual(pair.First.IsContent, pair.Second.IsContent));
        }
    }

    [Fact]
    public void A_slice_has_the_marks_of_its_characters()
    {
        for (ulong seed = 0; seed < 100; seed++)
        {
            MarkedText text = NormalizerTests.RandomMarked(seed);
            int start = (int)seed % (text.Text.Length + 1), end = start + ((text.Text.Length - start) * (int)(seed % 4) / 3);
            MarkedText slice = text.Slice(start, end);
            Assert.Equal(text.Text[start..end], slice.Text);
            Assert.All(Enumerable.Range(start, end - start), i => Assert.Equal(text.IsContent(i), slice.IsContent(i - start)));
            MarkedText again = new MarkedText.Builder().Append(text.Slice(0, start)).Append(text.Slice(start, text.Text.Length)).Build();
            Assert.Equal((text.Text, text.Content.ToArray().Length), (again.Text, again.Content.Count));
            Assert.Equal(text.Content, again.Content);
        }
    }
}

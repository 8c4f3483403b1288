using OrleansAlign.Models.Tokenizers;

namespace OrleansAlign.Models.Tests.Tokenizers;

public class SplittingTests
{
    // The example of Hugging Face's documentation.
    [Theory]
    [InlineData("Removed", "the|final|countdown")]
    [InlineData("Isolated", "the|-|final|-|-|countdown")]
    [InlineData("MergedWithPrevious", "the-|final-|-|countdown")]
    [InlineData("MergedWithNext", "the|-final|-|-countdown")]
    [InlineData("Contiguous", "the|-|final|--|countdown")]
    public void Each_behaviour_treats_the_matches_its_way(string behavior, string expected)
    {
        List<TextRange> pieces = [];
        Splitting.Split("the-final--countdown", 0, new LiteralScanner("-"), Enum.Parse<SplitBehavior>(behavior), invert: false, pieces);
        Assert.Equal(expected, string.Join('|', pieces.Select(piece => "the-final--countdown".Substring(piece.Start, piece.Length))));
    }

    [Fact]
    public void Inverted_matches_and_gaps_change_places()
    {
        List<TextRange> pieces = [];
        Splitting.Split("ab-cd", 10, new RegexScanner(@"\w+"), SplitBehavior.Removed, invert: true, pieces);
        Assert.Equal([new TextRange(10, 2), new TextRange(13, 2)], pieces);
    }

    [Fact]
    public void Pieces_cover_the_text_unless_matches_are_removed()
    {
        for (ulong seed = 0; seed < 500; seed++)
        {
            string text = TestTokenizer.RandomText(seed, 20);
            foreach (SplitBehavior behavior in Enum.GetValues<SplitBehavior>())
            {
                List<TextRange> pieces = [];
                Splitting.Split(text, 0, new RegexScanner(@"\s+|[aé'\p{N}]|x*"), behavior, invert: seed % 2 == 1, pieces);
                Assert.DoesNotContain(pieces, piece => piece.Length == 0);
                if (behavior == SplitBehavior.Removed) continue;
                Assert.Equal(text, string.Concat(pieces.Select(piece => text.Substring(piece.Start, piece.Length))));
            }
        }
    }
}

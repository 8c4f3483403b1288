using OrleansAlign.Models.Text;
using OrleansAlign.Models.Tokenizers;

namespace OrleansAlign.Models.Tests.Tokenizers;

public class PublishedTokenizersTests
{
    // The empty name keeps the theory discoverable where nothing is there to run it on; the attribute then skips it.
    public static TheoryData<string> All => [.. TokenizerFixtures.Names.DefaultIfEmpty("")];

    [PublishedTokenizers]
    [MemberData(nameof(All))]
    public void Encoding_gives_the_ids_of_the_original(string name)
    {
        Tokenizer tokenizer = Tokenizer.Load(TokenizerFixtures.Folder(name));
        IReadOnlyList<TokenizerCase> cases = TokenizerFixtures.Cases(name);
        Assert.NotEmpty(cases);
        foreach (TokenizerCase each in cases)
        {
            Assert.Equal((each.Text, Show(each.Ids)), (each.Text, Show(tokenizer.Encode(each.Text))));
            Assert.Equal((each.Text, Show(each.IdsWithSpecialTokens)), (each.Text, Show(tokenizer.Encode(each.Text, addSpecialTokens: true))));
            Assert.Equal((each.Text, Show(each.Ids)), (each.Text, Show(tokenizer.Encode(MarkedText.OfFrame(each.Text)))));
        }
    }

    [PublishedTokenizers]
    [MemberData(nameof(All))]
    public void Decoding_gives_the_text_of_the_original(string name)
    {
        Tokenizer tokenizer = Tokenizer.Load(TokenizerFixtures.Folder(name));
        foreach (TokenizerCase each in TokenizerFixtures.Cases(name)) Assert.Equal(each.Decoded, tokenizer.Decode(each.Ids,
            skipSpecialTokens: false));
    }

    private static string Show(int[] ids) => string.Join(' ', ids);
}

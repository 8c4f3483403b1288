namespace OrleansAlign.Models.Tokenizers;

/// <summary>Turns tokens into text as they come, for one sequence.</summary>
/// <remarks>
/// What <see cref="Append"/> gives out is final: whatever tokens follow, all that was given out, joined, is how the whole decodes.
/// A character whose bytes are spread over tokens comes out once it is whole. Not safe for use by several threads at a time.
/// </remarks>
public sealed class StreamingDecoder
{
    private readonly Func<int, string?> tokenOf;
    private readonly Func<DecoderStage, DecoderStage> open;
    private readonly TextStage text = new();
    private DecoderStage chain;

    /// <summary>Takes what gives an id's token, null for ids to leave out, and what builds the chain of decoders.</summary>
    internal StreamingDecoder(Func<int, string?> tokenOf, Func<DecoderStage, DecoderStage> open)
    {
        (this.tokenOf, this.open) = (tokenOf, open);
        chain = open(text);
    }

    /// <summary>Takes the next token and gives back the text that has become final; empty if none has. Ids without a token are left out.</summary>
    public string Append(int id)
    {
        if (tokenOf(id) is { } token) chain.Push(token);
        return text.Take();
    }

    /// <summary>Ends the sequence and gives back the text that was still held back; the next token then starts a new sequence.</summary>
    public string Flush()
    {
        chain.Finish();
        chain = open(text);
        return text.Take();
    }
}

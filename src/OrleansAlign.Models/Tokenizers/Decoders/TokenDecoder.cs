using System.Text;

namespace OrleansAlign.Models.Tokenizers;

/// <summary>A step from tokens to text, as described in <c>tokenizer.json</c>.</summary>
internal abstract class TokenDecoder
{
    /// <summary>The step as part of a chain that takes tokens one by one and passes on what is final.</summary>
    /// <param name="next">What takes the result.</param>
    /// <param name="fused">
    /// On entry, whether the incoming tokens are pieces of a single one, because an earlier step joined all of them; on return, the same of the
    /// outgoing tokens.
    /// </param>
    public abstract DecoderStage Open(DecoderStage next, ref bool fused);
}

/// <summary>One step of a chain of decoders at work.</summary>
internal abstract class DecoderStage
{
    /// <summary>Takes the next token.</summary>
    public abstract void Push(string token);

    /// <summary>Ends the sequence and passes on what was held back.</summary>
    public abstract void Finish();
}

/// <summary>The end of a chain: collects the text.</summary>
internal sealed class TextStage : DecoderStage
{
    private readonly StringBuilder text = new();

    /// <inheritdoc/>
    public override void Push(string token) => text.Append(token);

    /// <inheritdoc/>
    public override void Finish()
    {
    }

    /// <summary>All that has been collected.</summary>
    public override string ToString() => text.ToString();
}

/// <summary>A stage that holds all its tokens back and works on the whole list at the end.</summary>
internal sealed class WholeStage(DecoderStage next, bool fused, Func<List<string>, IEnumerable<string>> decode) : DecoderStage
{
    private readonly List<string> tokens = [];

    /// <inheritdoc/>
    public override void Push(string token) => tokens.Add(token);

    /// <inheritdoc/>
    public override void Finish()
    {
        foreach (string token in decode(fused ? [string.Concat(tokens)] : tokens)) next.Push(token);
        next.Finish();
    }
}

/// <summary>A stage that rewrites each token by itself.</summary>
internal sealed class EachStage(DecoderStage next, Func<string, string> decode) : DecoderStage
{
    /// <inheritdoc/>
    public override void Push(string token) => next.Push(decode(token));

    /// <inheritdoc/>
    public override void Finish() => next.Finish();
}

using System.Text;

namespace OrleansAlign.Models.Tokenizers;

/// <summary>One decoder after another.</summary>
internal sealed class DecoderSequence(IReadOnlyList<TokenDecoder> steps) : TokenDecoder
{
    /// <inheritdoc/>
    public override DecoderStage Open(DecoderStage next, ref bool fused)
    {
        // Whether tokens are fused is decided from the first step to the last, but a stage needs its successor when it is built. So the first
        // pass collects the flags, and the second builds the stages from the last to the first.
        bool[] fusedBefore = new bool[steps.Count];
        for (int i = 0; i < steps.Count; i++)
        {
            fusedBefore[i] = fused;
            steps[i].Open(next, ref fused);
        }

        for (int i = steps.Count - 1; i >= 0; i--)
        {
            bool before = fusedBefore[i];
            next = steps[i].Open(next, ref before);
        }

        return next;
    }
}

/// <summary>Joins all tokens into one.</summary>
internal sealed class FuseDecoder : TokenDecoder
{
    /// <inheritdoc/>
    public override DecoderStage Open(DecoderStage next, ref bool fused)
    {
        fused = true;
        return new EachStage(next, token => token);
    }
}

/// <summary>Replaces every match of a pattern, token by token.</summary>
/// <param name="scanner">The pattern.</param>
/// <param name="content">What takes its place.</param>
/// <param name="longest">Length of the longest match in code units, if known: more than one can lie across pieces of a fused token.</param>
internal sealed class ReplaceDecoder(Scanner scanner, string content, int? longest) : TokenDecoder
{
    private readonly ReplaceNormalizer replace = new(scanner, content);

    /// <inheritdoc/>
    public override DecoderStage Open(DecoderStage next, ref bool fused) =>
        fused && longest != 1 ? new WholeStage(next, fused: true, tokens => tokens.Select(replace.Apply)) : new EachStage(next, replace.Apply);
}

/// <summary>Removes up to a number of a character at both ends of each token.</summary>
internal sealed class StripDecoder(char character, int start, int stop) : TokenDecoder
{
    /// <inheritdoc/>
    public override DecoderStage Open(DecoderStage next, ref bool fused)
    {
        if (!fused) return new EachStage(next, Strip);
        return stop == 0 ? new LeadingStage(next, character, start) : new WholeStage(next, fused: true, tokens => tokens.Select(Strip));
    }

    private string Strip(string token)
    {
        int from = 0, to = token.Length;
        while (from < token.Length && from < start && token[from] == character) from++;
        while (to > from && token.Length - to < stop && token[to - 1] == character) to--;
        return token[from..to];
    }

    /// <summary>Strips the front of one token that comes in pieces.</summary>
    private sealed class LeadingStage(DecoderStage next, char character, int most) : DecoderStage
    {
        private int left = most;

        public override void Push(string token)
        {
            int from = 0;
            while (left > 0 && from < token.Length)
            {
                if (token[from] != character)
                {
                    left = 0;
                    break;
                }

                from++;
                left--;
            }

            if (from < token.Length) next.Push(token[from..]);
        }

        public override void Finish() => next.Finish();
    }
}

/// <summary>From SentencePiece's mark back to spaces; the marks of the first token are the ones that encoding put in front.</summary>
internal sealed class MetaspaceDecoder(string mark, PrependScheme scheme) : TokenDecoder
{
    /// <inheritdoc/>
    public override DecoderStage Open(DecoderStage next, ref bool fused) => new Stage(next, mark, scheme != PrependScheme.Never, fused);

    private sealed class Stage(DecoderStage next, string mark, bool dropsFirst, bool fused) : DecoderStage
    {
        private bool isFirst = true;

        public override void Push(string token)
        {
            next.Push(token.Replace(mark, isFirst && dropsFirst ? "" : " ", StringComparison.Ordinal));
            isFirst = fused;
        }

        public override void Finish() => next.Finish();
    }
}

/// <summary>Turns the suffix that ends a word into a space, but for the last token's.</summary>
internal sealed class SuffixDecoder(string suffix) : TokenDecoder
{
    /// <inheritdoc/>
    public override DecoderStage Open(DecoderStage next, ref bool fused) =>
        fused ? new WholeStage(next, fused: true, tokens => tokens.Select(token => Replace(token, ""))) : new Stage(next, this);

    private string Replace(string token, string by) => suffix.Length == 0 ? token : token.Replace(suffix, by, StringComparison.Ordinal);

    /// <summary>Holds one token back: it may be the last.</summary>
    private sealed class Stage(DecoderStage next, SuffixDecoder decoder) : DecoderStage
    {
        private string? held;

        public override void Push(string token)
        {
            if (held is not null) next.Push(decoder.Replace(held, " "));
            held = token;
        }

        public override void Finish()
        {
            if (held is not null) next.Push(decoder.Replace(held, ""));
            held = null;
            next.Finish();
        }
    }
}

/// <summary>The decoder of a tokenizer that names none: joins tokens with spaces.</summary>
internal sealed class SpacedDecoder : TokenDecoder
{
    /// <inheritdoc/>
    public override DecoderStage Open(DecoderStage next, ref bool fused)
    {
        bool first = true;
        return new EachStage(next, token =>
        {
            string spaced = first ? token : " " + token;
            first = false;
            return spaced;
        });
    }
}

/// <summary>Removes the spaces that English orthography does not have, as transformers' <c>clean_up_tokenization</c> does.</summary>
internal sealed class CleanUpDecoder : TokenDecoder
{
    private static readonly (string From, string To)[] Rules =
    [
        (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"),
        (" 'm", "'m"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
    ];

    /// <summary>A whole text, cleaned.</summary>
    public static string Clean(string text) =>
        Rules.Aggregate(text, (current, rule) => current.Replace(rule.From, rule.To, StringComparison.Ordinal));

    /// <inheritdoc/>
    public override DecoderStage Open(DecoderStage next, ref bool fused)
    {
        fused = true;
        return new Stage(next);
    }

    private sealed class Stage(DecoderStage next) : DecoderStage
    {
        private readonly StringBuilder held = new();

        public override void Push(string token)
        {
            held.Append(token);

            // Every rule starts with a space, and only one, with the apostrophe before it, has a space elsewhere. So no rule reaches across
            // the start of a run of spaces, unless an apostrophe stands before it.
            for (int i = held.Length - 1; i > 0; i--)
            {
                if (held[i] != ' ' || held[i - 1] is ' ' or '\'') continue;
                next.Push(Clean(held.ToString(0, i)));
                held.Remove(0, i);
                break;
            }
        }

        public override void Finish()
        {
            next.Push(Clean(held.ToString()));
            held.Clear();
            next.Finish();
        }
    }
}

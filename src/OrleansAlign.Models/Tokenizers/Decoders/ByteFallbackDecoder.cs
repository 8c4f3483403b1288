using System.Globalization;
using System.Text;

namespace OrleansAlign.Models.Tokenizers;

/// <summary>
/// Turns runs of <c>&lt;0x00&gt;</c> … <c>&lt;0xFF&gt;</c> into text; a run that is not UTF-8 as a whole becomes one U+FFFD for each byte.
/// </summary>
internal sealed class ByteFallbackDecoder : TokenDecoder
{
    /// <inheritdoc/>
    public override DecoderStage Open(DecoderStage next, ref bool fused)
    {
        DecoderStage stage = new Stage(next);
        return fused ? new WholeStage(stage, fused: true, tokens => tokens) : stage;
    }

    private sealed class Stage(DecoderStage next) : DecoderStage
    {
        private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

        private readonly List<byte> run = [];

        public override void Push(string token)
        {
            if (token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal) && token[5] == '>'
                && byte.TryParse(token.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte value))
            {
                // Only the byte behind the last decides whether the run is text.
                run.Add(value);
                return;
            }

            PassRun();
            next.Push(token);
        }

        public override void Finish()
        {
            PassRun();
            next.Finish();
        }

        private void PassRun()
        {
            if (run.Count == 0) return;
            byte[] bytes = [.. run];
            run.Clear();
            try
            {
                next.Push(Strict.GetString(bytes));
            }
            catch (DecoderFallbackException)
            {
                for (int i = 0; i < bytes.Length; i++) next.Push("\uFFFD");
            }
        }
    }
}

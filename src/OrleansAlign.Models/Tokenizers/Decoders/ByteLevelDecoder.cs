using System.Text;

namespace OrleansAlign.Models.Tokenizers;

/// <summary>From the byte alphabet back to bytes, and from their UTF-8 to text; what is not UTF-8 becomes U+FFFD.</summary>
internal sealed class ByteLevelDecoder : TokenDecoder
{
    /// <inheritdoc/>
    public override DecoderStage Open(DecoderStage next, ref bool fused)
    {
        DecoderStage stage = new Stage(next);
        if (fused) stage = new WholeStage(stage, fused: true, tokens => tokens);
        fused = true;
        return stage;
    }

    private sealed class Stage(DecoderStage next) : DecoderStage
    {
        // A decoder of .NET keeps an unfinished character back until it is known to be whole or broken.
        private readonly Decoder utf8 = new UTF8Encoding(false, throwOnInvalidBytes: false).GetDecoder();
        private byte[] bytes = new byte[64];
        private char[] characters = new char[64];

        public override void Push(string token) => Pass(Bytes(token), flush: false);

        public override void Finish()
        {
            Pass(0, flush: true);
            next.Finish();
        }

        /// <summary>A token with any character outside the alphabet stands for its own UTF-8.</summary>
        private int Bytes(string token)
        {
            if (bytes.Length < 3 * token.Length) bytes = new byte[3 * token.Length];
            for (int i = 0; i < token.Length; i++)
            {
                int b = ByteAlphabet.ByteOf(token[i]);
                if (b < 0) return Encoding.UTF8.GetBytes(token, bytes);
                bytes[i] = (byte)b;
            }

            return token.Length;
        }

        private void Pass(int count, bool flush)
        {
            if (characters.Length < count + 4) characters = new char[count + 4];
            int decoded = utf8.GetChars(bytes.AsSpan(0, count), characters, flush);
            if (decoded > 0) next.Push(new string(characters, 0, decoded));
        }
    }
}

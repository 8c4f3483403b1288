using OrleansAlign.Models.Checkpoints;

namespace OrleansAlign.Models.Tests.Engines.Reference;

/// <summary>The weights of a Llama, Mistral or Qwen as nodes, and their forward pass, one token after the other.</summary>
internal sealed class ReferenceModel
{
    private readonly Dictionary<string, Node> parameters;
    private readonly double[] frequencies;

    public ReferenceModel(ModelWeights weights)
    {
        Config = weights.Config;
        Names = [.. weights.Tensors.Select(t => t.Name)];
        Shapes = [.. weights.Tensors.Select(t => t.Shape)];
        Parameters = [.. weights.Tensors.Select(t => new Node([.. t.Data.Select(x => (double)x)]))];
        parameters = Names.Zip(Parameters).ToDictionary(p => p.First, p => p.Second);
        frequencies = Frequencies(Config);
    }

    public ModelConfig Config { get; }

    public IReadOnlyList<string> Names { get; }

    public IReadOnlyList<int[]> Shapes { get; }

    public IReadOnlyList<Node> Parameters { get; }

    /// <summary>Angle per position of each of the D/2 pairs, as transformers' modeling_rope_utils.py writes each kind down; a sequence counts as
    /// long as the context.</summary>
    internal static double[] Frequencies(ModelConfig c)
    {
        double half = c.HeadSize / 2, b = c.RopeTheta;
        if (c.RopeScaling == RopeScaling.Dynamic && c.HeadSize > 2)
        {
            double longest = Math.Max(c.ContextLength, c.RopeOriginalContext);
            b *= Math.Pow((c.RopeFactor * longest / c.RopeOriginalContext) - (c.RopeFactor - 1), c.HeadSize / (c.HeadSize - 2.0));
        }

        return [.. Enumerable.Range(0, (int)half).Select(i => Stretched(c, i, 1 / Math.Pow(b, 2.0 * i / c.HeadSize)))];
    }

    private static double Stretched(ModelConfig c, int i, double f)
    {
        switch (c.RopeScaling)
        {
            case RopeScaling.Linear:
                return f / c.RopeFactor;
            case RopeScaling.Llama3:
                double waves = c.RopeOriginalContext * f / (2 * Math.PI);
                double keep = Math.Clamp((waves - c.RopeLowFrequencyFactor) / (c.RopeHighFrequencyFactor - c.RopeLowFrequencyFactor), 0, 1);
                return (keep * f) + ((1 - keep) * f / c.RopeFactor);
            case RopeScaling.Yarn:
                // The dimension whose frequency makes so many rotations within the original context.
                double Dimension(double rotations) =>
                    c.HeadSize * Math.Log(c.RopeOriginalContext / (rotations * 2 * Math.PI)) / (2 * Math.Log(c.RopeTheta));
                double low = Dimension(c.RopeBetaFast), high = Dimension(c.RopeBetaSlow);
                low = Math.Max(c.RopeTruncates ? Math.Floor(low) : low, 0);
                high = Math.Min(c.RopeTruncates ? Math.Ceiling(high) : high, c.HeadSize - 1);
                double extrapolated = 1 - Math.Clamp((i - low) / (high == low ? 0.001 : high - low), 0, 1);
                return (f / c.RopeFactor * (1 - extrapolated)) + (f * extrapolated);
            case RopeScaling.LongRope:
                return f / (c.ContextLength > c.RopeOriginalContext ? c.RopeLongFactors[i] : c.RopeShortFactors[i]);
            default:
                return f;
        }
    }

    /// <summary>One sequence under way: keys and values of the positions so far.</summary>
    internal sealed class Sequence(ReferenceModel model, Tape tape)
    {
        private readonly List<Node>[] keys = [.. Enumerable.Range(0, model.Config.Layers).Select(_ => new List<Node>())];
        private readonly List<Node>[] values = [.. Enumerable.Range(0, model.Config.Layers).Select(_ => new List<Node>())];
        private int position;

        /// <summary>Factors of the elements that a residual branch (2 · layer for attention, 2 · layer + 1 for the MLP) writes at a position; null
        /// without dropout.</summary>
        public Func<int, int, double[]>? Dropout { get; init; }

        /// <summary>Takes the next token and returns the final hidden state, normalised, at its position.</summary>
        public Node Next(int token)
        {
            ModelConfig c = model.Config;
            double[] angles = [.. model.frequencies.Select(f => f * position)];
            Node x = tape.Row(model.parameters["model.embed_tokens.weight"], token, c.HiddenSize);
            for (int layer = 0; layer < c.Layers; layer++)
            {
                string prefix = $"model.layers.{layer}.";
                Node h = tape.RmsNorm(x, model.parameters[prefix + "input_layernorm.weight"], c.NormEpsilon);
                Node q = Linear(prefix + "self_attn.q_proj", h);
                Node k = Linear(prefix + "self_attn.k_proj", h);
                Node v = Linear(prefix + "self_attn.v_proj", h);
                if (c.QueryKeyNorm)
                {
                    q = tape.RmsNorm(q, model.parameters[prefix + "self_attn.q_norm.weight"], c.NormEpsilon);
                    k = tape.RmsNorm(k, model.parameters[prefix + "self_attn.k_norm.weight"], c.NormEpsilon);
                }

                keys[layer].Add(tape.Rotate(k, angles, c.RopeAttentionFactor));
                values[layer].Add(v);
                Node mixed = tape.Attend(tape.Rotate(q, angles, c.RopeAttentionFactor), Seen(keys[layer], layer), Seen(values[layer], layer), c.HeadSize);
                x = tape.Add(x, Branch(Linear(prefix + "self_attn.o_proj", mixed), 2 * layer));

                h = tape.RmsNorm(x, model.parameters[prefix + "post_attention_layernorm.weight"], c.NormEpsilon);
                Node gated = tape.SwiGlu(Linear(prefix + "mlp.gate_proj", h), Linear(prefix + "mlp.up_proj", h));
                x = tape.Add(x, Branch(Linear(prefix + "mlp.down_proj", gated), (2 * layer) + 1));
            }

            position++;
            return tape.RmsNorm(x, model.parameters["model.norm.weight"], c.NormEpsilon);
        }

        /// <summary>The logits of a hidden state that <see cref="Next"/> returned.</summary>
        public Node Logits(Node hidden) =>
            tape.Linear(model.parameters[model.Config.TiedEmbeddings ? "model.embed_tokens.weight" : "lm_head.weight"], null, hidden);

        /// <summary>The keys or values that the newest token of a layer sees: those of the window's positions.</summary>
        private List<Node> Seen(List<Node> all, int layer) =>
            [.. all.Where((_, position) => all.Count - 1 - position < model.Config.Window(layer))];

        private Node Linear(string name, Node x) =>
            tape.Linear(model.parameters[name + ".weight"], model.parameters.GetValueOrDefault(name + ".bias"), x);

        private Node Branch(Node x, int branch) => Dropout is null ? x : tape.Scale(x, Dropout(branch, position));
    }
}

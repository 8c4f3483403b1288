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

    /// <summary>Angle per position of each of the D/2 pairs; llama3 scaling as in Llama 3.1's reference code.</summary>
    private static double[] Frequencies(ModelConfig c)
    {
        double[] f = new double[c.HeadSize / 2];
        for (int i = 0; i < f.Length; i++)
        {
            f[i] = Math.Pow(c.RopeTheta, -2.0 * i / c.HeadSize);
            if (c.RopeScaling == RopeScaling.Linear) f[i] /= c.RopeFactor;
            if (c.RopeScaling != RopeScaling.Llama3) continue;
            double waves = c.RopeOriginalContext * f[i] / (2 * Math.PI);
            double keep = Math.Clamp((waves - c.RopeLowFrequencyFactor) / (c.RopeHighFrequencyFactor - c.RopeLowFrequencyFactor), 0, 1);
            f[i] = (keep * f[i]) + ((1 - keep) * f[i] / c.RopeFactor);
        }

        return f;
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

                keys[layer].Add(tape.Rotate(k, angles));
                values[layer].Add(v);
                Node mixed = tape.Attend(tape.Rotate(q, angles), keys[layer], values[layer], c.HeadSize);
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

        private Node Linear(string name, Node x) =>
            tape.Linear(model.parameters[name + ".weight"], model.parameters.GetValueOrDefault(name + ".bias"), x);

        private Node Branch(Node x, int branch) => Dropout is null ? x : tape.Scale(x, Dropout(branch, position));
    }
}

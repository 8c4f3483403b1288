using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Losses;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Models.Tests.Engines.Reference;

/// <summary>All of <see cref="IPolicyEngine"/>, one sequence and one number at a time in double precision: slow, and the reference for the
/// fast engines.</summary>
/// <remarks>Weights and moments are rounded to float32 after every step, as every engine stores them, so that an exported and imported state resumes
/// to the bit.</remarks>
internal sealed class ReferenceEngine(ModelWeights weights) : IPolicyEngine
{
    private readonly ReferenceModel model = new(weights);
    private readonly double[][] first = [.. weights.Tensors.Select(t => new double[t.Data.Length])];
    private readonly double[][] second = [.. weights.Tensors.Select(t => new double[t.Data.Length])];
    private int steps;

    public ModelConfig Config => model.Config;

    public void Dispose()
    {
    }

    public IReadOnlyList<Sample> Sample(IReadOnlyList<SampleRequest> requests, CancellationToken cancel = default)
    {
        foreach (SampleRequest request in requests)
        {
            Check(request.Prompt, Config.ContextLength - 1);
            string problems = string.Join("; ", request.Options.Problems());
            if (problems.Length > 0) throw new ArgumentException(problems, nameof(requests));
        }

        return [.. requests.Select(r => Draw(r, cancel))];
    }

    public IReadOnlyList<float[]> LogProbs(IReadOnlyList<TokenSequence> sequences, CancellationToken cancel = default)
    {
        foreach (TokenSequence sequence in sequences) Check(sequence);
        return [.. sequences.Select(s => Round(Score(new Tape(), s, null, cancel)))];
    }

    public IReadOnlyList<ChoiceLogits> ChoiceLogits(IReadOnlyList<int[]> prompts, IReadOnlyList<int> choices, CancellationToken cancel = default)
    {
        foreach (int[] prompt in prompts) Check(prompt, Config.ContextLength);
        if (choices.Any(id => id < 0 || id >= Config.VocabularySize))
        {
            throw new ArgumentException("a choice lies outside of the vocabulary", nameof(choices));
        }
        return [.. prompts.Select(prompt =>
        {
            double[] logits = AllLogits(prompt, cancel)[^1].Value;
            return new ChoiceLogits([.. choices.Select(id => (float)logits[id])], (float)Tape.LogSumExp(logits));
        })];
    }

    /// <summary>All logits, [T, V] row-major per sequence.</summary>
    public IReadOnlyList<float[]> Logits(IReadOnlyList<int[]> sequences) =>
        [.. sequences.Select(s => AllLogits(s, CancellationToken.None).SelectMany(row => row.Value.Select(l => (float)l)).ToArray())];

    public StepReport Step(TrainingBatch batch, IObjective objective, StepOptions options, CancellationToken cancel = default)
    {
        ObjectiveValue value = Differentiate(batch, objective, options.Dropout, cancel);
        double norm = Math.Sqrt(model.Parameters.Sum(p => p.Gradient.Sum(g => g * g)));
        double clip = options.ClipNorm > 0 && norm > options.ClipNorm ? options.ClipNorm / norm : 1;
        steps++;
        double correction1 = 1 - Math.Pow(options.Beta1, steps), correction2 = 1 - Math.Pow(options.Beta2, steps);
        for (int t = 0; t < model.Parameters.Count; t++)
        {
            double decay = model.Shapes[t].Length >= 2 ? options.WeightDecay : 0;
            double[] w = model.Parameters[t].Value, m = first[t], v = second[t];
            for (int i = 0; i < w.Length; i++)
            {
                double g = model.Parameters[t].Gradient[i] * clip;
                double moment = (options.Beta1 * m[i]) + ((1 - options.Beta1) * g);
                double square = (options.Beta2 * v[i]) + ((1 - options.Beta2) * g * g);
                double update = moment / correction1 / (Math.Sqrt(square / correction2) + options.Epsilon);
                w[i] = (float)(w[i] - (options.LearningRate * ((decay * w[i]) + update)));
                m[i] = (float)moment;
                v[i] = (float)square;
            }
        }

        return new StepReport(value.Loss, norm, batch.Sequences.Sum(s => s.Tokens.Length), value.Metrics);
    }

    public ModelWeights ExportWeights() => new(Config, Tensors(p => p.Value));

    public OptimizerState ExportOptimizer() => new(steps, [.. first.Select(Round)], [.. second.Select(Round)]);

    public void ImportOptimizer(OptimizerState state)
    {
        Copy(state.FirstMoments, first);
        Copy(state.SecondMoments, second);
        steps = state.Step;

        static void Copy(IReadOnlyList<float[]> from, double[][] to)
        {
            if (!from.Select(f => f.Length).SequenceEqual(to.Select(t => t.Length)))
            {
                throw new ArgumentException("the optimizer's state is of another model", nameof(from));
            }
            for (int t = 0; t < to.Length; t++) from[t].Select(x => (double)x).ToArray().CopyTo(to[t], 0);
        }
    }

    public void ResetOptimizer()
    {
        foreach (double[] moments in first.Concat(second)) Array.Clear(moments);
        steps = 0;
    }

    private static float[] Round(double[] values) => [.. values.Select(v => (float)v)];

    private static float[] Round(IReadOnlyList<Node> scalars) => [.. scalars.Select(s => (float)s.Value[0])];

    private List<WeightTensor> Tensors(Func<Node, double[]> of) =>
        [.. model.Names.Select((name, t) => new WeightTensor(name, model.Shapes[t], Round(of(model.Parameters[t]))))];

    /// <summary>Leaves the batch's gradient in the parameters.</summary>
    private ObjectiveValue Differentiate(TrainingBatch batch, IObjective objective, double dropout, CancellationToken cancel)
    {
        foreach (TokenSequence sequence in batch.Sequences) Check(sequence);
        foreach (Node parameter in model.Parameters) Array.Clear(parameter.Gradient);
        var tape = new Tape();
        List<Node>[] scored = [.. batch.Sequences.Select((s, i) => Score(tape, s, Mask(dropout, batch.DropoutSeed, i), cancel))];
        float[][] gradients = [.. scored.Select(s => new float[s.Count])];
        ObjectiveValue value = objective.Evaluate(batch, [.. scored.Select(Round)], gradients);
        for (int i = 0; i < scored.Length; i++)
        {
            for (int j = 0; j < scored[i].Count; j++) scored[i][j].Gradient[0] = gradients[i][j];
        }

        tape.Backward();
        return value;
    }

    /// <summary>The log-prob of every token after the prompt.</summary>
    private List<Node> Score(Tape tape, TokenSequence sequence, Func<int, int, double[]>? dropout, CancellationToken cancel)
    {
        ReferenceModel.Sequence state = new(model, tape) { Dropout = dropout };
        List<Node> result = [];
        for (int t = 0; t + 1 < sequence.Tokens.Length; t++)
        {
            cancel.ThrowIfCancellationRequested();
            Node hidden = state.Next(sequence.Tokens[t]);
            if (t + 1 >= sequence.PromptLength) result.Add(tape.LogProb(state.Logits(hidden), sequence.Tokens[t + 1]));
        }

        return result;
    }

    private List<Node> AllLogits(int[] tokens, CancellationToken cancel)
    {
        ReferenceModel.Sequence state = new(model, new Tape());
        List<Node> result = [];
        foreach (int token in tokens)
        {
            cancel.ThrowIfCancellationRequested();
            result.Add(state.Logits(state.Next(token)));
        }

        return result;
    }

    private Sample Draw(SampleRequest request, CancellationToken cancel)
    {
        ReferenceModel.Sequence state = new(model, new Tape());
        Node hidden = request.Prompt.Select(state.Next).ToArray()[^1];
        List<int> tokens = [];
        List<float> logProbs = [];
        int most = Math.Min(request.Options.MaxNewTokens, Config.ContextLength - request.Prompt.Length);
        while (tokens.Count < most)
        {
            cancel.ThrowIfCancellationRequested();
            double[] logits = state.Logits(hidden).Value;
            int token = ReferenceSampler.Draw(
                ReferenceSampler.Distribution(logits, request.Options), CounterRandom.Uniform(request.Seed, (ulong)tokens.Count));
            tokens.Add(token);
            logProbs.Add((float)(logits[token] - Tape.LogSumExp(logits)));
            if (request.StopTokens.Contains(token)) return new Sample([.. tokens], [.. logProbs], FinishReason.Stop);
            if (tokens.Count < most) hidden = state.Next(token);
        }

        return new Sample([.. tokens], [.. logProbs], FinishReason.Length);
    }

    /// <summary>The managed engine's masks: a uniform 32-bit number per element from (seed, branch, sequence, position), two to a draw.</summary>
    private Func<int, int, double[]>? Mask(double probability, ulong seed, int sequence)
    {
        if (probability == 0) return null;
        return (branch, position) =>
        {
            ulong row = CounterRandom.Derive(CounterRandom.Derive(seed, (ulong)branch), ((ulong)sequence << 32) | (uint)position);
            return [.. Enumerable.Range(0, Config.HiddenSize).Select(i =>
            {
                uint draw = (uint)(CounterRandom.Bits(row, (ulong)(i / 2)) >> (32 * (i % 2)));
                return draw < probability * 4294967296.0 ? 0 : 1 / (1 - probability);
            })];
        };
    }

    private void Check(TokenSequence sequence)
    {
        Check(sequence.Tokens, Config.ContextLength);
        if (sequence.PromptLength < 1 || sequence.PromptLength > sequence.Tokens.Length)
        {
            throw new ArgumentException($"a prompt of {sequence.PromptLength} tokens in a sequence of {sequence.Tokens.Length}", nameof(sequence));
        }
    }

    private void Check(int[] tokens, int longest)
    {
        if (tokens.Length < 1 || tokens.Length > longest)
        {
            throw new ArgumentException($"{tokens.Length} tokens; from 1 to {longest} are possible here", nameof(tokens));
        }
        if (tokens.Any(id => id < 0 || id >= Config.VocabularySize))
        {
            throw new ArgumentException($"a token id lies outside of [0, {Config.VocabularySize})", nameof(tokens));
        }
    }
}

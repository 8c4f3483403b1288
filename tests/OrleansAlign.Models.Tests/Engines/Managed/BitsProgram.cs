using System.Security.Cryptography;
using System.Runtime.InteropServices;
using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Engines.Managed;
using OrleansAlign.Models.Tests.Engines.Conformance;

namespace OrleansAlign.Models.Tests.Engines.Managed;

/// <summary>Prints what the engine computes as hashes, so that a process with other vector instructions can be compared.</summary>
internal static class BitsProgram
{
    public static void Main(string[] args)
    {
        if (args.Contains("bits")) Console.WriteLine($"{ManagedEngine.VectorBits} {Everything(0)}");
    }

    /// <summary>A hash over logits, samples, log-probs, gradients, and the weights and moments after three steps, of every tiny model.</summary>
    public static string Everything(int threads)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        void Add(float[] values) => hash.AppendData(MemoryMarshal.AsBytes(values.AsSpan()));
        foreach (ModelConfig config in new[] { TinyModels.Llama, TinyModels.Qwen2, TinyModels.Qwen3 })
        {
            using var engine = new ManagedEngine(TinyModels.Weights(config), threads);
            TokenSequence[] sequences = TinyModels.Ragged(config);
            var batch = new TrainingBatch(sequences) { DropoutSeed = 5 };
            foreach (float[] logits in engine.Logits([.. sequences.Select(s => s.Tokens)])) Add(logits);
            var options = new SamplingOptions { TopP = 0.95, MaxNewTokens = 40 };
            foreach (Sample sample in engine.Sample([.. sequences.Select(s => new SampleRequest(s.Tokens, 3, options, []))]))
            {
                hash.AppendData(MemoryMarshal.AsBytes(sample.Tokens.AsSpan()));
                Add(sample.LogProbs);
            }

            foreach (WeightTensor gradient in engine.Gradients(batch, new WeightedSum()).Gradients) Add(gradient.Data);
            var step = new StepOptions { LearningRate = 1e-2, WeightDecay = 0.1 };
            for (int i = 0; i < 3; i++) engine.Step(batch, new WeightedSum(), step with { Dropout = i == 2 ? 0.1 : 0 });
            foreach (WeightTensor tensor in engine.ExportWeights().Tensors) Add(tensor.Data);
            foreach (float[] moments in engine.ExportOptimizer().SecondMoments) Add(moments);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

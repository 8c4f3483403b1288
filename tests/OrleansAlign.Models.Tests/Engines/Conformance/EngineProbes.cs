using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Losses;

namespace OrleansAlign.Models.Tests.Engines.Conformance;

/// <summary>Logits and gradients of any engine through <see cref="IPolicyEngine"/>: the numbers that judging and training use.</summary>
internal static class EngineProbes
{
    /// <summary>All logits, [T, V] row-major per sequence: row t holds the choice logits of every id after tokens 0 … t.</summary>
    public static IReadOnlyList<float[]> Logits(this IPolicyEngine engine, IReadOnlyList<int[]> sequences)
    {
        int[] ids = [.. Enumerable.Range(0, engine.Config.VocabularySize)];
        IReadOnlyList<ChoiceLogits> rows = engine.ChoiceLogits([.. sequences.SelectMany(s => Enumerable.Range(1, s.Length).Select(t => s[..t]))], ids);
        int next = 0;
        return [.. sequences.Select(s => Enumerable.Range(0, s.Length).SelectMany(_ => rows[next++].Logits).ToArray())];
    }

    /// <summary>Loss and gradients of a batch. The weights do not change, and the optimizer's state is restored.</summary>
    /// <remarks>After one step of a new optimizer with β₁ = 0 the first moments are the gradients, to the bit; at rate 0 it moves nothing.</remarks>
    public static (ObjectiveValue Value, IReadOnlyList<WeightTensor> Gradients) Gradients(this IPolicyEngine engine, TrainingBatch batch, IObjective objective)
    {
        OptimizerState before = engine.ExportOptimizer();
        engine.ResetOptimizer();
        StepReport report = engine.Step(batch, objective, new StepOptions { LearningRate = 0, Beta1 = 0, ClipNorm = 0 });
        IReadOnlyList<float[]> moments = engine.ExportOptimizer().FirstMoments;
        engine.ImportOptimizer(before);
        return (
            new ObjectiveValue(report.Loss, report.Metrics),
            [.. engine.Config.TensorShapes().Zip(moments, (tensor, data) => new WeightTensor(tensor.Name, tensor.Shape, data))]);
    }
}

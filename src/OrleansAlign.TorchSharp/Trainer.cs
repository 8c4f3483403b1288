using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Engines.Shared;
using OrleansAlign.Models.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace OrleansAlign.TorchSharp;

/// <summary>Takes optimizer steps: forward pass, objective, backward pass, clipping, AdamW.</summary>
/// <remarks>
/// A batch beyond the token budget is split between sequences: the log-probs of all parts come first, the objective sees them all at once, then each
/// part runs forward again and backward.
/// </remarks>
internal sealed class Trainer(ParameterSet parameters, EngineSettings settings, Transformer transformer, RotaryTensors rotary, VocabularyHead head)
{
    private int step;

    /// <summary>Whether a step failed while it updated the weights (out of memory, for example), so that only some of them are updated.</summary>
    public bool EndedHalfway { get; private set; }

    /// <summary>Takes one optimizer step.</summary>
    public StepReport Step(TrainingBatch batch, IObjective objective, StepOptions options, CancellationToken cancel)
    {
        ObjectiveValue value = Compute(batch, objective, options.Dropout, cancel);
        if (!double.IsFinite(value.Loss)) throw StepRules.NotFinite(step + 1, $"the loss is {value.Loss}");
        double norm = GradientNorm();
        if (!double.IsFinite(norm)) throw StepRules.NotFinite(step + 1, WorstTensor());
        cancel.ThrowIfCancellationRequested();
        Update(options, norm);
        return new StepReport(value.Loss, norm, batch.Sequences.Sum(s => s.Tokens.Length), value.Metrics);
    }

    /// <summary>A copy of step count and moments.</summary>
    public OptimizerState Export()
    {
        Prepare();
        return new OptimizerState(step, [.. parameters.Export(t => t.First!).Select(w => w.Data)], [.. parameters.Export(t => t.Second!).Select(w => w.Data)]);
    }

    /// <summary>Restores a state from <see cref="Export"/>.</summary>
    public void Import(OptimizerState state)
    {
        RequestChecks.Optimizer(state, parameters.Config);
        Prepare();
        using DisposeScope scope = NewDisposeScope();
        for (int i = 0; i < parameters.Slots.Count; i++)
        {
            WeightSlot slot = parameters.Slots[i];
            HostMemory.Upload(state.FirstMoments[i], slot.Of(slot.Tensor.First!));
            HostMemory.Upload(state.SecondMoments[i], slot.Of(slot.Tensor.Second!));
        }

        step = state.Step;
    }

    /// <summary>Resets moments and step count to zero.</summary>
    public void Reset()
    {
        step = 0;
        foreach (ParameterTensor parameter in parameters.All) parameter.ClearMoments();
    }

    private void Prepare()
    {
        foreach (ParameterTensor parameter in parameters.All) parameter.PrepareStep();
    }

    private ObjectiveValue Compute(TrainingBatch batch, IObjective objective, double dropout, CancellationToken cancel)
    {
        using (no_grad())
        {
            foreach (ParameterTensor parameter in parameters.All) parameter.ClearGradient();
        }

        float[][] logProbs = [.. batch.Sequences.Select(s => new float[s.CompletionLength])];
        float[][] slopes = [.. batch.Sequences.Select(s => new float[s.CompletionLength])];
        IEnumerable<int> wanted = Enumerable.Range(0, batch.Sequences.Count).Where(i => logProbs[i].Length > 0);
        List<List<int>> parts = Passes.SplitSorted(wanted, i => batch.Sequences[i].Tokens.Length - 1, settings.TrainTokens);
        BackwardPass Pass(List<int> part) => new(parameters, settings, transformer, rotary, head, batch, part, dropout);
        if (parts.Count == 1)
        {
            using BackwardPass only = Pass(parts[0]);
            only.Forward(logProbs, true, cancel);
            ObjectiveValue found = objective.Evaluate(batch, logProbs, slopes);
            only.Backward(slopes, cancel);
            return found;
        }

        foreach (List<int> part in parts)
        {
            using BackwardPass pass = Pass(part);
            pass.Forward(logProbs, false, cancel);
        }

        ObjectiveValue value = objective.Evaluate(batch, logProbs, slopes);
        float[][] again = [.. logProbs.Select(row => new float[row.Length])];
        foreach (List<int> part in parts)
        {
            using BackwardPass pass = Pass(part);
            pass.Forward(again, true, cancel);
            pass.Backward(slopes, cancel);
        }

        return value;
    }

    private double GradientNorm()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable still = no_grad();
        List<Tensor> sums = [];
        foreach (ParameterTensor parameter in parameters.All)
        {
            using DisposeScope inner = NewDisposeScope();
            Tensor flat = parameter.Gradient!.view(-1);
            sums.Add(inner.MoveToOuter(flat.mul(flat).sum(ScalarType.Float64)));
        }

        return Math.Sqrt(stack(sums).sum().cpu().item<double>());
    }

    private void Update(StepOptions options, double norm)
    {
        using IDisposable still = no_grad();
        Prepare();
        EndedHalfway = true;
        step++;
        var update = new AdamW(options, step, StepRules.ClipScale(options, norm));
        foreach (ParameterTensor parameter in parameters.All)
        {
            update.Update(parameter);
            parameter.Publish();
        }

        EndedHalfway = false;
    }

    private string WorstTensor()
    {
        foreach (WeightTensor gradient in parameters.Export(t => t.Gradient!))
        {
            int at = Array.FindIndex(gradient.Data, g => !float.IsFinite(g)), columns = gradient.Shape[^1];
            if (at >= 0) return $"the gradient of {gradient.Name} has {gradient.Data[at]} at [{at / columns}, {at % columns}]";
        }

        return "the gradient norm overflows";
    }
}

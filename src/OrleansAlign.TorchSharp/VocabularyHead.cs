using TorchSharp;
using static TorchSharp.torch;

namespace OrleansAlign.TorchSharp;

/// <summary>Logits, log-probs and their gradients over the vocabulary, a bounded number of rows at a time, in float32 from the product on.</summary>
internal sealed class VocabularyHead(ParameterSet parameters, EngineSettings settings)
{
    /// <summary>[R, C] normed rows → [R, V] float32.</summary>
    public Tensor Logits(Tensor normed)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = nn.functional.linear(normed, parameters.Head.Compute);
        return scope.MoveToOuter(settings.Type == ScalarType.Float32 ? logits : logits.to(ScalarType.Float32));
    }

    /// <summary>Calls <paramref name="use"/> with the first row and the logits of each piece of the rows.</summary>
    public void ForEachPiece(Tensor normed, Action<long, Tensor> use, CancellationToken cancel)
    {
        long rows = normed.shape[0];
        for (long start = 0; start < rows; start += settings.LogitRows)
        {
            cancel.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            use(start, Logits(normed.narrow(0, start, Math.Min(settings.LogitRows, rows - start))));
        }
    }

    /// <summary>Log-prob of each row's target, and log Σ exp of each row; both [R], float32.</summary>
    public (Tensor LogProbs, Tensor LogPartition) Score(Tensor normed, Tensor targets, CancellationToken cancel)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logProbs = empty(normed.shape[0], ScalarType.Float32, settings.Device), partition = empty(normed.shape[0], ScalarType.Float32, settings.Device);
        ForEachPiece(normed, (start, logits) =>
        {
            long count = logits.shape[0];
            Tensor sum = logits.logsumexp(1);
            partition.narrow(0, start, count).copy_(sum);
            logProbs.narrow(0, start, count).copy_(logits.gather(1, targets.narrow(0, start, count).unsqueeze(1)).squeeze(1).sub(sum));
        }, cancel);
        return scope.MoveToOuter(logProbs, partition);
    }

    /// <summary>Adds the head's gradient and returns ∂loss/∂normed, given the slope ∂loss/∂log-prob of each row.</summary>
    /// <remarks>∂log p(t)/∂logit v = [v = t] − p(v); the logits are recomputed rather than kept.</remarks>
    public Tensor Backward(Tensor normed, Tensor targets, Tensor logPartition, Tensor slopes, CancellationToken cancel)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor result = empty(normed.shape, settings.Type, settings.Device);
        ForEachPiece(normed, (start, logits) =>
        {
            long count = logits.shape[0];
            Tensor Of(Tensor column) => column.narrow(0, start, count).unsqueeze(1);
            Tensor slope = Of(slopes);
            Tensor d = logits.sub_(Of(logPartition)).exp_().mul_(slope.neg()).scatter_add_(1, Of(targets), slope);
            Tensor rows = normed.narrow(0, start, count);
            if (settings.Type != ScalarType.Float32) d = d.to(settings.Type);
            result.narrow(0, start, count).copy_(d.matmul(parameters.Head.Compute));
            if (settings.Type == ScalarType.Float32) parameters.Head.Gradient!.addmm_(d.t(), rows);
            else parameters.Head.Accumulate(d.t().matmul(rows));
        }, cancel);
        return scope.MoveToOuter(result);
    }
}

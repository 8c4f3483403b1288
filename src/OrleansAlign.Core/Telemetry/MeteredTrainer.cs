using OrleansAlign.Core.Ports;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Losses;

namespace OrleansAlign.Core.Telemetry;

/// <summary>
/// A trainer whose steps are timed and whose latest figures are the run's gauges. Steps are counted where they are committed, since a resumed run
/// takes some again.
/// </summary>
public sealed class MeteredTrainer(ITrainer inner, AlignMetrics metrics, string run) : ITrainer, IDisposable
{
    private static readonly (string Figure, MetricSeries Gauge)[] Gauges =
    [
        ("rewards/margins", AlignSeries.RewardMargin), ("rewards/chosen", AlignSeries.RewardChosen), ("rewards/rejected", AlignSeries.RewardRejected),
        ("rewards/accuracies", AlignSeries.RewardAccuracy), ("tokens/chosen_length", AlignSeries.ChosenLength),
        ("tokens/rejected_length", AlignSeries.RejectedLength),
    ];

    /// <inheritdoc/>
    public Task OpenAsync(string policy, CancellationToken cancel) => inner.OpenAsync(policy, cancel);

    /// <inheritdoc/>
    public Task OpenStateAsync(string policy, string file, CancellationToken cancel) => inner.OpenStateAsync(policy, file, cancel);

    /// <inheritdoc/>
    public async Task<StepReport> StepAsync(TrainingBatch batch, IObjective objective, StepOptions options, CancellationToken cancel)
    {
        long began = metrics.Time.GetTimestamp();
        StepReport report = await inner.StepAsync(batch, objective, options, cancel).ConfigureAwait(false);
        metrics.Record(AlignSeries.TrainDuration, metrics.Time.GetElapsedTime(began));
        metrics.Set(AlignSeries.Loss, run, report.Loss);
        metrics.Set(AlignSeries.GradientNorm, run, report.GradientNorm);
        metrics.Set(AlignSeries.LearningRate, run, options.LearningRate);
        foreach ((string figure, MetricSeries gauge) in Gauges)
        {
            if (report.Metrics.TryGetValue(figure, out double value)) metrics.Set(gauge, run, value);
        }

        return report;
    }

    /// <inheritdoc/>
    public Task<string> SaveStateAsync(string name, CancellationToken cancel) => inner.SaveStateAsync(name, cancel);

    /// <inheritdoc/>
    public Task<string> PublishAsync(CancellationToken cancel) => inner.PublishAsync(cancel);

    /// <summary>Disposes of the trainer within, where it can be.</summary>
    public void Dispose() => (inner as IDisposable)?.Dispose();
}

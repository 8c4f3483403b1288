using OrleansAlign.Core.Evaluation;
using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Stages;

namespace OrleansAlign.Core.Telemetry;

/// <summary>Shows a run's gauges from the run's events, which it passes on. Disposing takes all gauges of the run away.</summary>
/// <param name="inner">Takes the events.</param>
/// <param name="metrics">Where the gauges are shown.</param>
/// <param name="run">Name of the run.</param>
public sealed class RunGauges(IProgress<RunEvent> inner, AlignMetrics metrics, string run) : IProgress<RunEvent>, IDisposable
{
    /// <inheritdoc/>
    public void Report(RunEvent value)
    {
        if (value is RunEvent.Began began) metrics.Set(AlignSeries.Round, run, began.Round);
        if (value is RunEvent.Ended ended)
        {
            Show(ended.Round.Metrics, RoundMetrics.FlipRate, AlignSeries.FlipRate);
            Show(ended.Round.Metrics, RoundMetrics.TieRate, AlignSeries.TieRate);
            Show(ended.Round.Metrics, RoundMetrics.InvalidRate, AlignSeries.InvalidRate);
            if (ended.Evaluation is { } evaluation) Show(evaluation.Metrics, EvaluationMetrics.PassRate, AlignSeries.WinRate);
        }

        inner.Report(value);
    }

    /// <inheritdoc/>
    public void Dispose() => metrics.RemoveRun(run);

    private void Show(IReadOnlyDictionary<string, double> figures, string name, MetricSeries gauge)
    {
        if (figures.TryGetValue(name, out double value)) metrics.Set(gauge, run, value);
    }
}

using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace OrleansAlign.Core.Telemetry;

/// <summary>The instruments behind <see cref="AlignSeries"/>, on one meter. Made once per process; every member may be called from any thread.</summary>
public sealed class AlignMetrics : IDisposable
{
    /// <summary>Name of the meter, by which exporters subscribe.</summary>
    public const string MeterName = "OrleansAlign";

    /// <summary>Upper edges of the histograms' buckets, in seconds: from a small batch on a processor to a large one.</summary>
    private static readonly InstrumentAdvice<double> Buckets = new()
    {
        HistogramBucketBoundaries = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300],
    };

    private readonly Dictionary<MetricSeries, Counter<long>> counters = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<MetricSeries, Histogram<double>> histograms = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<MetricSeries, ConcurrentDictionary<string, double>> runs = new(ReferenceEqualityComparer.Instance);
    private readonly ConcurrentDictionary<string, IDeviceFigures> slots = new();

    /// <summary>Makes the instruments.</summary>
    /// <param name="time">Clock of the durations.</param>
    public AlignMetrics(TimeProvider time)
    {
        Time = time;
        foreach (MetricSeries series in AlignSeries.All)
        {
            (string name, string? unit, string meaning) = (series.Name, series.Unit, series.Meaning);
            if (series == AlignSeries.DeviceBusy) Meter.CreateObservableCounter(name, Busy, unit, meaning);
            else if (series == AlignSeries.QueueLength) Meter.CreateObservableGauge(name, () => OfSlots(slot => slot.QueueLength), unit, meaning);
            else if (series == AlignSeries.IdleRatio) Meter.CreateObservableGauge(name, () => OfSlots(slot => slot.TakeIdleRatio()), unit, meaning);
            else if (series.Kind == MetricKind.Counter) counters[series] = Meter.CreateCounter<long>(name, unit, meaning);
            else if (series.Kind == MetricKind.Histogram) histograms[series] = Meter.CreateHistogram(name, unit, meaning, tags: null, Buckets);
            else CreateRunGauge(series);
        }
    }

    /// <summary>The meter.</summary>
    public Meter Meter { get; } = new(MeterName);

    /// <summary>Clock of the durations.</summary>
    public TimeProvider Time { get; }

    /// <summary>Counts.</summary>
    /// <param name="series">One of <see cref="AlignSeries"/>' counters, other than the devices'.</param>
    /// <param name="count">By how much; nothing is recorded for 0.</param>
    /// <param name="labels">Values of its labels, in order.</param>
    /// <exception cref="ArgumentException">The series is no such counter or has other labels.</exception>
    public void Add(MetricSeries series, long count, params ReadOnlySpan<string> labels)
    {
        if (count != 0) counters[series].Add(count, Tags(series, labels));
    }

    /// <summary>Records a duration.</summary>
    /// <param name="series">One of <see cref="AlignSeries"/>' histograms.</param>
    /// <param name="duration">How long it took.</param>
    /// <param name="labels">Values of its labels, in order.</param>
    /// <exception cref="ArgumentException">The series is no such histogram or has other labels.</exception>
    public void Record(MetricSeries series, TimeSpan duration, params ReadOnlySpan<string> labels) =>
        histograms[series].Record(duration.TotalSeconds, Tags(series, labels));

    /// <summary>Sets a run's gauge; it is shown until <see cref="RemoveRun"/>.</summary>
    /// <exception cref="ArgumentException">The series is no gauge of runs.</exception>
    public void Set(MetricSeries series, string run, double value) => runs[series][run] = value;

    /// <summary>Removes all gauges of a run that has ended or continues in another process.</summary>
    public void RemoveRun(string run)
    {
        foreach (ConcurrentDictionary<string, double> values in runs.Values) values.TryRemove(run, out _);
    }

    /// <summary>Shows a device slot's figures until the result is disposed of.</summary>
    /// <exception cref="ArgumentException">Another device is shown under that name.</exception>
    public IDisposable Watch(string slot, IDeviceFigures device) => slots.TryAdd(slot, device)
        ? new Watched(slots, slot)
        : throw new ArgumentException($"a device is shown as slot {slot} already; give each its own name", nameof(slot));

    /// <inheritdoc/>
    public void Dispose() => Meter.Dispose();

    private static KeyValuePair<string, object?>[] Tags(MetricSeries series, ReadOnlySpan<string> values)
    {
        var tags = new KeyValuePair<string, object?>[values.Length];
        for (int i = 0; i < tags.Length; i++) tags[i] = new(series.Labels[i], values[i]);
        return tags;
    }

    private void CreateRunGauge(MetricSeries series)
    {
        ConcurrentDictionary<string, double> values = runs[series] = new();
        Meter.CreateObservableGauge(
            series.Name,
            () => values.Select(v => new Measurement<double>(v.Value, new KeyValuePair<string, object?>(AlignSeries.Run, v.Key))),
            series.Unit,
            series.Meaning);
    }

    private IEnumerable<Measurement<double>> OfSlots(Func<IDeviceFigures, double> figure) =>
        slots.Select(slot => new Measurement<double>(figure(slot.Value), new KeyValuePair<string, object?>(AlignSeries.Slot, slot.Key)));

    private IEnumerable<Measurement<double>> Busy() => slots.SelectMany(slot => slot.Value.BusySeconds.Select(busy => new Measurement<double>(
        busy.Value, new KeyValuePair<string, object?>(AlignSeries.Slot, slot.Key), new KeyValuePair<string, object?>(AlignSeries.Activity, busy.Key))));

    private sealed class Watched(ConcurrentDictionary<string, IDeviceFigures> slots, string slot) : IDisposable
    {
        private int isOver;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref isOver, 1) == 0) slots.TryRemove(slot, out _);
        }
    }
}

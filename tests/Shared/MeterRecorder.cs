using System.Diagnostics.Metrics;

namespace OrleansAlign.Tests;

/// <summary>Adds up what one meter records: sums of counters, numbers of durations, and gauges as they are when read.</summary>
internal sealed class MeterRecorder : IDisposable
{
    private readonly MeterListener listener = new();
    private readonly Lock gate = new();
    private readonly Dictionary<string, double> sums = [];
    private readonly Dictionary<string, double> observed = [];

    public MeterRecorder(Meter meter)
    {
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter != meter) return;
            Instruments.Add(instrument);
            l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Record(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Record(instrument, value, tags));
        listener.Start();
    }

    public List<Instrument> Instruments { get; } = [];

    /// <summary>A counter's sum, or a histogram's number of records; labels as in <c>name{a,b}</c>.</summary>
    public double this[string series]
    {
        get
        {
            lock (gate) return sums.GetValueOrDefault(series);
        }
    }

    /// <summary>Sum of a counter over all labels.</summary>
    public double Total(string name)
    {
        lock (gate) return sums.Where(s => s.Key == name || s.Key.StartsWith(name + "{", StringComparison.Ordinal)).Sum(s => s.Value);
    }

    /// <summary>The present values of the observable instruments.</summary>
    public Dictionary<string, double> Look()
    {
        lock (gate)
        {
            observed.Clear();
            listener.RecordObservableInstruments();
            return new Dictionary<string, double>(observed);
        }
    }

    public void Dispose() => listener.Dispose();

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string labels = string.Join(',', tags.ToArray().Select(t => t.Value));
        string series = labels.Length == 0 ? instrument.Name : $"{instrument.Name}{{{labels}}}";
        lock (gate)
        {
            if (instrument.IsObservable) observed[series] = value;
            else sums[series] = sums.GetValueOrDefault(series) + (instrument is Histogram<double> ? 1 : value);
        }
    }
}

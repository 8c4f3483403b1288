using System.Diagnostics.Metrics;
using OrleansAlign.Core.Telemetry;
using OrleansAlign.Tests;

namespace OrleansAlign.Core.Tests.Telemetry;

public sealed class AlignMetricsTests : IDisposable
{
    private readonly AlignMetrics metrics = new(TimeProvider.System);
    private readonly MeterRecorder recorder;

    public AlignMetricsTests() => recorder = new MeterRecorder(metrics.Meter);

    public void Dispose()
    {
        recorder.Dispose();
        metrics.Dispose();
    }

    [Fact]
    public void Every_series_is_an_instrument_of_its_kind_and_every_instrument_a_series()
    {
        Assert.Equal("OrleansAlign", metrics.Meter.Name);
        Assert.Equal(
            AlignSeries.All.Select(s => (s.Name, s.Unit, (string?)s.Meaning, s.Kind)).Order(),
            recorder.Instruments.Select(i => (i.Name, i.Unit, i.Description, KindOf(i))).Order());
    }

    [Fact]
    public void Counters_add_up_by_label()
    {
        metrics.Add(AlignSeries.Completions, 3);
        metrics.Add(AlignSeries.Completions, 4);
        metrics.Add(AlignSeries.Verdicts, 2, "tie");
        metrics.Add(AlignSeries.Verdicts, 1, "a");
        metrics.Record(AlignSeries.CallDuration, TimeSpan.FromSeconds(2), "generate");

        Assert.Equal(7, recorder["align.completions"]);
        Assert.Equal((2, 1, 3), (recorder["align.verdicts{tie}"], recorder["align.verdicts{a}"], recorder.Total("align.verdicts")));
        Assert.Equal(1, recorder["align.call.duration{generate}"]);
    }

    [Fact]
    public void A_runs_gauges_show_what_was_set_last_until_the_run_is_removed()
    {
        metrics.Set(AlignSeries.Loss, "one", 0.7);
        metrics.Set(AlignSeries.Loss, "one", 0.6);
        metrics.Set(AlignSeries.Round, "one", 2);
        metrics.Set(AlignSeries.Loss, "two", 0.5);

        Dictionary<string, double> before = recorder.Look();
        metrics.RemoveRun("one");
        Dictionary<string, double> after = recorder.Look();

        Assert.Equal(new Dictionary<string, double> { ["align.loss{one}"] = 0.6, ["align.loss{two}"] = 0.5, ["align.round{one}"] = 2 }, before);
        Assert.Equal(new Dictionary<string, double> { ["align.loss{two}"] = 0.5 }, after);
    }

    [Fact]
    public void A_slots_figures_show_until_it_is_taken_away()
    {
        IDisposable watch = metrics.Watch("gpu", new Figures());

        Dictionary<string, double> before = recorder.Look();
        Assert.Throws<ArgumentException>(() => metrics.Watch("gpu", new Figures()));
        watch.Dispose();

        Assert.Equal(
            new Dictionary<string, double>
            {
                ["align.queue.length{gpu}"] = 4, ["align.device.idle.ratio{gpu}"] = 0.25, ["align.device.busy.seconds{gpu,train}"] = 9,
            },
            before);
        Assert.Empty(recorder.Look());
        metrics.Watch("gpu", new Figures()).Dispose();
    }

    [Fact]
    public void The_names_that_Prometheus_shows_have_their_unit_and_their_kind()
    {
        Assert.Equal("align_completions_total", AlignSeries.Completions.PrometheusName());
        Assert.Equal("align_device_busy_seconds_total", AlignSeries.DeviceBusy.PrometheusName());
        Assert.Equal("align_generate_duration_seconds", AlignSeries.GenerateDuration.PrometheusName());
        Assert.Equal("align_judge_flip_rate", AlignSeries.FlipRate.PrometheusName());
    }

    private static MetricKind KindOf(Instrument instrument) => instrument switch
    {
        Counter<long> or ObservableCounter<double> => MetricKind.Counter,
        Histogram<double> => MetricKind.Histogram,
        ObservableGauge<double> => MetricKind.Gauge,
        _ => throw new InvalidOperationException($"{instrument.Name} is a {instrument.GetType().Name}"),
    };

    private sealed class Figures : IDeviceFigures
    {
        public int QueueLength => 4;

        public IReadOnlyDictionary<string, double> BusySeconds { get; } = new Dictionary<string, double> { ["train"] = 9 };

        public double TakeIdleRatio() => 0.25;
    }
}

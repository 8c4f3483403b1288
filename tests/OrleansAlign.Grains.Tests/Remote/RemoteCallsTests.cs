using OrleansAlign.Core.Telemetry;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Grains.Contracts.Remote;
using OrleansAlign.Tests;

namespace OrleansAlign.Grains.Tests.Remote;

public sealed class RemoteCallsTests
{
    private readonly HurriedTime time = new();
    private readonly List<RetriedCall> retried = [];

    private RemoteCalls Calls(string name = "caller") => new(time, name) { Retrying = retried.Add };

    [Fact]
    public async Task Passing_trouble_is_waited_out()
    {
        Exception[] trouble =
        [
            new SlotBusyException("full"), new TimeoutException("late"), new SiloUnavailableException("gone"), new OrleansException("no compatible silo"),
            new OperationCanceledException(),
        ];
        int made = 0;

        Task<int> CallAsync() => made < trouble.Length ? Task.FromException<int>(trouble[made++]) : Task.FromResult(7);
        int result = await Calls().RunAsync("judge.judge", CallAsync, CancellationToken.None);

        Assert.Equal(7, result);
        Assert.Equal(trouble, retried.Select(r => r.Error));
        Assert.Equal([1, 2, 3, 4, 5], retried.Select(r => r.Attempts));
        Assert.All(retried, r => Assert.Equal("judge.judge", r.Call));
    }

    [Fact]
    public async Task Pauses_double_up_to_a_second_and_are_irregular()
    {
        await Assert.ThrowsAsync<TimeoutException>(() => Calls("one").RunAsync("x", () => Task.FromException(new TimeoutException()), CancellationToken.None));
        IReadOnlyList<TimeSpan> one = time.Pauses;
        await Assert.ThrowsAsync<TimeoutException>(
            () => Calls("other").RunAsync("x", () => Task.FromException(new TimeoutException()), CancellationToken.None));

        Assert.NotEqual(one.Take(5), time.Pauses.Skip(one.Count).Take(5));
        for (int i = 0; i < one.Count; i++)
        {
            double whole = Math.Min(0.05 * Math.Pow(2, i), 1);
            Assert.InRange(one[i].TotalSeconds, whole / 2, whole);
        }
    }

    [Fact]
    public async Task Patience_ends_and_the_error_says_what_was_awaited_and_how_long()
    {
        TimeoutException error = await Assert.ThrowsAsync<TimeoutException>(() =>
            Calls().RunAsync("generator.draw", () => Task.FromException(new SlotBusyException("the queue of slot/a/0 is full.")), CancellationToken.None));

        Assert.Matches(@"^waited (4 min \d+ s|5 min 0 s) for generator\.draw, in \d+ attempts; the last one: the queue of slot/a/0 is full$", error.Message);
        Assert.InRange(time.GetElapsedTime(0), TimeSpan.FromMinutes(4.9), TimeSpan.FromMinutes(5));
        Assert.IsType<SlotBusyException>(error.InnerException);
    }

    [Fact]
    public async Task A_call_that_was_long_under_way_before_it_failed_is_still_made_again()
    {
        int made = 0;

        await Calls().RunAsync("x", () =>
        {
            if (made++ > 0) return Task.CompletedTask;
            time.Advance(TimeSpan.FromMinutes(6));
            return Task.FromException(new TimeoutException());
        }, CancellationToken.None);

        Assert.Equal(2, made);
    }

    [Fact]
    public async Task What_is_refused_for_good_is_not_asked_again()
    {
        Exception[] refusals =
        [
            new RunRefusedException("no such run"), new InvalidDataException("broken"), new ArgumentException("wrong"),
            new UnauthorizedAccessException("token"),
        ];
        foreach (Exception refusal in refusals)
        {
            int made = 0;
            Assert.Same(refusal, await Assert.ThrowsAnyAsync<Exception>(() => Calls().RunAsync("x", () =>
            {
                made++;
                return Task.FromException(refusal);
            }, CancellationToken.None)));
            Assert.Equal(1, made);
        }

        Assert.Empty(retried);
    }

    [Fact]
    public async Task Who_cancels_does_not_wait_for_the_call()
    {
        using var cancel = new CancellationTokenSource();
        var never = new TaskCompletionSource<int>();
        Task<int> call = Calls().RunAsync("x", () => never.Task, cancel.Token);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Empty(retried);
    }

    [Fact]
    public async Task Retries_failures_and_durations_are_counted()
    {
        using var metrics = new AlignMetrics(time);
        Dictionary<string, double> sums = [];
        using var listener = new System.Diagnostics.Metrics.MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter == metrics.Meter) self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add($"{instrument.Name} {tags[0].Value}", value));
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Add($"{instrument.Name} {tags[0].Value}", 1));
        listener.Start();
        var calls = new RemoteCalls(time, "caller") { Metrics = metrics };
        int made = 0;

        await calls.RunAsync("good", () => made++ < 2 ? Task.FromException(new TimeoutException()) : Task.CompletedTask, CancellationToken.None);
        await Assert.ThrowsAsync<InvalidDataException>(
            () => calls.RunAsync("bad", () => Task.FromException(new InvalidDataException()), CancellationToken.None));

        Assert.Equal(new Dictionary<string, double> { ["align.retries good"] = 2, ["align.call.duration good"] = 1, ["align.failures bad"] = 1 }, sums);

        void Add(string series, double value) => sums[series] = sums.GetValueOrDefault(series) + value;
    }
}

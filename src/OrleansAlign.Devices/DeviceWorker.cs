using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Telemetry;
using OrleansAlign.Models.Engines;

namespace OrleansAlign.Devices;

/// <summary>
/// Does the work of one device for many callers, on a thread of its own behind a bounded queue. Waiting calls of the same kind become one engine call, whose
/// results are divided among them.
/// </summary>
/// <remarks>
/// An answer does not depend on the calls that it was batched with (on the managed engine: to the bit). A call fails at once with
/// <see cref="DeviceBusyException"/> if the queue is full, and with <see cref="DeviceStoppingException"/> once the worker stops. A call with invalid input
/// fails alone.
/// </remarks>
public sealed class DeviceWorker : IDeviceFigures, IAsyncDisposable
{
    /// <summary>How long a stopping worker waits for the engine to notice that it was told to stop.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private readonly object gate = new();
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string slot;
    private readonly DevicePolicies policies;
    private readonly DeviceOptions options;
    private readonly TimeProvider time;
    private readonly AlignMetrics metrics;
    private readonly WorkQueue queue;
    private readonly ITimer alarm;
    private readonly BusyClock clock;
    private Batch? running;
    private bool stopping;

    /// <summary>Starts the worker.</summary>
    /// <param name="slot">Name of the device slot, for messages.</param>
    /// <param name="policies">The policies kept on the device. The worker takes ownership: it uses them on its thread only, and disposes of them.</param>
    /// <param name="options">Limits of queue and batches.</param>
    /// <param name="time">Clock of the batch window and of the metrics; no answer depends on it.</param>
    /// <param name="metrics">Times batches and counts questions.</param>
    public DeviceWorker(string slot, DevicePolicies policies, DeviceOptions options, TimeProvider time, AlignMetrics metrics)
    {
        (this.slot, this.policies, this.options, this.time, this.metrics) = (slot, policies, options, time, metrics);
        queue = new WorkQueue(options, (long)(options.BatchWindow.TotalSeconds * time.TimestampFrequency));
        alarm = time.CreateTimer(_ => Wake(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        clock = new BusyClock(time);
        new Thread(Work) { IsBackground = true, Name = $"align-device-{slot}" }.UnsafeStart();
    }

    /// <summary>Completes when the worker's thread has ended.</summary>
    public Task Ended => ended.Task;

    /// <inheritdoc/>
    public int QueueLength
    {
        get
        {
            lock (gate) return queue.Count;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, double> BusySeconds => clock.Seconds;

    /// <inheritdoc/>
    public double TakeIdleRatio() => clock.TakeIdleRatio();

    /// <summary>Draws one response per request.</summary>
    public Task<IReadOnlyList<GeneratedResponse>> GenerateAsync(
        EngineKind engine, string policy, IReadOnlyList<GenerationRequest> requests, CancellationToken cancel) => AskAsync(
            DeviceActivity.Generate, "generate", engine, policy, requests, r => WorkSize.Of(1, WorkSize.Characters(r.Messages), r.Options.MaxNewTokens),
            (loaded, all, stop) => Done(new MeteredGenerator(new EngineGenerator(loaded), metrics).GenerateAsync(policy, all, stop)), cancel);

    /// <summary>Answers one question per entry.</summary>
    public Task<IReadOnlyList<Verdict>> JudgeAsync(DeviceJudge judge, IReadOnlyList<JudgeQuestion> questions, CancellationToken cancel) => AskAsync(
        DeviceActivity.Judge, "judge/" + judge.Id, judge.Engine, judge.Policy, questions, judge.SizeOf,
        (loaded, all, stop) => Done(new MeteredJudge(judge.Create(loaded.Get(judge.Policy)), metrics).JudgeAsync(all, stop)), cancel);

    /// <summary>Rates one response per entry.</summary>
    /// <exception cref="ArgumentException">The judge compares only.</exception>
    public Task<IReadOnlyList<Rating>> RateAsync(DeviceJudge judge, IReadOnlyList<RatedResponse> responses, CancellationToken cancel) => AskAsync(
        DeviceActivity.Judge, "rate/" + judge.Id, judge.Engine, judge.Policy, responses, judge.SizeOf,
        (loaded, all, stop) => Done(new MeteredJudge(judge.CreateRater(loaded.Get(judge.Policy)), metrics).RateAsync(all, stop)), cancel);

    /// <summary>Raw log-prob of each token after the prompt, per sequence.</summary>
    public Task<IReadOnlyList<float[]>> LogProbsAsync(
        EngineKind engine, string policy, IReadOnlyList<TokenSequence> sequences, CancellationToken cancel) => AskAsync(
            DeviceActivity.Score, "score", engine, policy, sequences, s => new WorkSize(1, s.Tokens.Length),
            (loaded, all, stop) => loaded.Get(policy).Engine.LogProbs(all, stop), cancel);

    /// <summary>Runs work that needs the device alone, such as an optimizer step, on the device's thread. It alternates with the batched work.</summary>
    /// <param name="work">
    /// The work. Its token is cancelled by <paramref name="cancel"/>, and when the worker stops and the deadline of <see cref="StopAsync"/> is over.
    /// </param>
    /// <param name="cancel">Removes the work from the queue while it waits. Once it has begun, the task ends as the work itself does.</param>
    public Task<T> RunAsync<T>(Func<CancellationToken, T> work, CancellationToken cancel) => AddAsync(new ExclusiveItem<T>(work, cancel));

    /// <summary>
    /// Refuses new work, finishes the queue, and ends the thread. Work that is not done by the deadline fails with <see cref="DeviceStoppingException"/>.
    /// </summary>
    /// <param name="deadline">Longest wait for queued work; after it the engine call under way is cancelled and gets a few seconds to end.</param>
    public async Task StopAsync(TimeSpan deadline)
    {
        lock (gate)
        {
            stopping = true;
            Monitor.Pulse(gate);
        }

        if (await EndsWithin(deadline).ConfigureAwait(false)) return;
        IReadOnlyList<WorkItem> left;
        Batch? last;
        lock (gate) (left, last) = (queue.TakeAll(), running);
        foreach (WorkItem item in left) Finish(item, i => i.Fail(Stopping()));
        if (last is { IsExclusive: false }) foreach (WorkItem item in last.Items) item.Fail(Stopping());
        last?.Stop();
        await EndsWithin(Grace).ConfigureAwait(false);
    }

    /// <summary>Stops without waiting for work.</summary>
    public async ValueTask DisposeAsync() => await StopAsync(TimeSpan.Zero).ConfigureAwait(false);

    private Task<IReadOnlyList<TAnswer>> AskAsync<TQuestion, TAnswer>(
        DeviceActivity activity, string what, EngineKind engine, string policy, IReadOnlyList<TQuestion> questions, Func<TQuestion, WorkSize> sizeOf,
        Func<PolicyCache, IReadOnlyList<TQuestion>, CancellationToken, IReadOnlyList<TAnswer>> ask, CancellationToken cancel) => questions.Count == 0
            ? Task.FromResult<IReadOnlyList<TAnswer>>([])
            : AddAsync(new QuestionsItem<TQuestion, TAnswer>(activity, questions, ask, cancel)
            {
                Key = $"{engine}/{policy}/{what}", Engine = engine, Policy = policy,
                Size = questions.Aggregate(default(WorkSize), (sum, question) => sum + sizeOf(question)),
            });

    private Task<T> AddAsync<T>(WorkItem<T> item)
    {
        if (item.CallerCancel.IsCancellationRequested) return Task.FromCanceled<T>(item.CallerCancel);
        item.Watch = item.CallerCancel.UnsafeRegister(static (state, _) =>
        {
            var (worker, item) = ((DeviceWorker, WorkItem))state!;
            worker.Cancel(item);
        }, (this, (WorkItem)item));
        Exception? refusal = null;
        lock (gate)
        {
            if (item.IsOver) return item.Answer;
            if (stopping) refusal = Stopping();
            else if (queue.TryAdd(item, time.GetTimestamp())) Monitor.Pulse(gate);
            else refusal = new DeviceBusyException($"device {slot}: {options.QueueCapacity} calls wait already; try again later, or another device");
        }

        if (refusal is not null) Finish(item, i => i.Fail(refusal));
        return item.Answer;
    }

    private void Cancel(WorkItem item)
    {
        Batch? batch;
        lock (gate)
        {
            batch = item.Batch;
            if (batch is not { IsExclusive: true })
            {
                queue.Remove(item);
                item.Cancel();
            }
        }

        // The other calls of the batch go on: the engine call is cancelled only when none of its callers waits for it any more.
        if (batch is not null && (batch.IsExclusive || batch.Items.All(i => i.IsOver))) batch.Stop();
    }

    private void Work()
    {
        try
        {
            while (Next() is { } batch) Run(batch);
        }
        finally
        {
            alarm.Dispose();
            policies.Dispose();
            ended.SetResult();
        }
    }

    /// <summary>Waits for the next batch; null when the worker stops and the queue is empty.</summary>
    private Batch? Next()
    {
        lock (gate)
        {
            running = null;
            clock.Turn(null);
            while (true)
            {
                long now = time.GetTimestamp();
                running = queue.Take(now, hurry: stopping);
                if (running is not null || stopping)
                {
                    clock.Turn(running?.Activity);
                    return running;
                }

                if (queue.Due is { } due)
                {
                    // Timers count whole milliseconds: rounded down, the timer would fire before the batch is due.
                    alarm.Change(TimeSpan.FromMilliseconds(Math.Ceiling((due - now) * 1000.0 / time.TimestampFrequency)), Timeout.InfiniteTimeSpan);
                    if (time.GetTimestamp() >= due) continue;
                }

                Monitor.Wait(gate);
            }
        }
    }

    private void Run(Batch batch)
    {
        try
        {
            // A policy that cannot be loaded fails all items of the batch at once; loading it per item would repeat the same failure.
            if (batch.Items[0].Policy is { } policy) policies.Of(batch.Items[0].Engine).Get(policy);
            Run(batch.Items, batch.Stopping);
        }
#pragma warning disable CA1031 // The callers get every exception; one that left the thread would end the process.
        catch (Exception error)
#pragma warning restore CA1031
        {
            foreach (WorkItem item in batch.Items) item.Fail(error);
        }

        foreach (WorkItem item in batch.Items) item.Watch.Unregister();
    }

    private void Run(IReadOnlyList<WorkItem> items, CancellationToken stop)
    {
        try
        {
            items[0].Run(items, policies, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            foreach (WorkItem item in items)
            {
                if (item.CallerCancel.IsCancellationRequested) item.Cancel();
                else item.Fail(Stopping());
            }
        }
#pragma warning disable CA1031 // As above. If the input of one item caused it, the others succeed when each item runs alone.
        catch (Exception error)
#pragma warning restore CA1031
        {
            if (items.Count == 1) items[0].Fail(error);
            else foreach (WorkItem item in items.Where(i => !i.IsOver)) Run([item], stop);
        }
    }

    private async Task<bool> EndsWithin(TimeSpan limit)
    {
        await ended.Task.WaitAsync(limit, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return ended.Task.IsCompleted;
    }

    private void Wake()
    {
        lock (gate) Monitor.Pulse(gate);
    }

    private DeviceStoppingException Stopping() => new($"device {slot} is about to stop; ask another device");

    private static void Finish(WorkItem item, Action<WorkItem> answer)
    {
        answer(item);
        item.Watch.Unregister();
    }

    /// <summary>The result of a task that engines in this process return completed.</summary>
    private static T Done<T>(Task<T> task) => task.GetAwaiter().GetResult();
}

using OrleansAlign.Core.Judges;
using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Telemetry;
using OrleansAlign.Core.Tests.Policies;
using OrleansAlign.Models.Chat;
using OrleansAlign.Models.Engines;
using OrleansAlign.Tests;

namespace OrleansAlign.Devices.Tests;

public sealed class DeviceWorkerTests : IAsyncDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly JudgeOptions
        Pairwise = new()
        {
            Principles = ["short"], MinimumMass = 0,
            Templates = new Dictionary<string, JudgeTemplateKeys>
            {
                ["short"] = new() { User = "{context} A {response_a} B {response_b}", Assistant = "", Decisions = ["A", "B"] },
            },
        },
        Pointwise = new()
        {
            Kind = JudgeKind.Pointwise, Reward = new RewardTemplateKeys { User = "{prompt} {response}" }, Sampling = new SamplingOptions { MaxNewTokens = 2 },
        };

    private readonly TinyPolicy store = new();
    private readonly ManualTime time = new();
    private readonly AlignMetrics metrics = new(TimeProvider.System);
    private readonly MeterRecorder recorder;
    private readonly string policy;
    private DeviceWorker worker;

    public DeviceWorkerTests()
    {
        recorder = new MeterRecorder(metrics.Meter);
        policy = store.Make();
        worker = Worker(new DeviceOptions { BatchWindow = TimeSpan.Zero });
    }

    public async ValueTask DisposeAsync()
    {
        await worker.DisposeAsync();
        recorder.Dispose();
        metrics.Dispose();
        store.Dispose();
    }

    private DeviceJudge Judge(JudgeOptions options) => new(EngineKind.Managed, policy, new JudgeFactory(options, 7));

    [Fact]
    public async Task Responses_drawn_together_are_those_drawn_alone()
    {
        List<GeneratedResponse> alone = [];
        for (int i = 0; i < 9; i++) alone.Add(Assert.Single(await worker.GenerateAsync(EngineKind.Managed, policy, [Request(i)], None)));
        double calls = recorder["align.generate.duration"];

        Held held = await HoldAsync();
        Task<IReadOnlyList<GeneratedResponse>>[] together =
            [.. new[] { (0, 4), (4, 1), (5, 4) }.Select(part => GenerateAsync([.. Enumerable.Range(part.Item1, part.Item2).Select(Request)]))];
        held.Release();

        GeneratedResponse[] merged = [.. (await Task.WhenAll(together)).SelectMany(r => r)];
        Assert.Equal((9, 1), (calls, recorder["align.generate.duration"] - calls));
        Assert.Equal(alone.Select(Text), merged.Select(Text));
        Assert.True(merged.Select(Text).Distinct().Count() > 5);
    }

    [Theory]
    [InlineData(JudgeKind.Pairwise)]
    [InlineData(JudgeKind.Pointwise)]
    public async Task Verdicts_asked_for_together_are_those_asked_for_alone(JudgeKind kind)
    {
        JudgeOptions options = kind == JudgeKind.Pairwise ? Pairwise : Pointwise;
        JudgeQuestion[] questions = [.. Enumerable.Range(0, 6).Select(i => new JudgeQuestion(TinyPolicy.Ask, $"red {i}", $"blue {i * i}"))];
        List<Verdict> alone = [];
        foreach (JudgeQuestion question in questions) alone.Add(Assert.Single(await worker.JudgeAsync(Judge(options), [question], None)));
        double calls = recorder["align.judge.duration"];

        Held held = await HoldAsync();
        // Each caller names the judge for itself, as callers on other machines do.
        Task<IReadOnlyList<Verdict>>[] together = [.. questions.Chunk(4).Select(part => worker.JudgeAsync(Judge(options with { }), part, None))];
        held.Release();

        Assert.Equal(alone, (await Task.WhenAll(together)).SelectMany(v => v));
        Assert.Equal((6, 1, 12), (calls, recorder["align.judge.duration"] - calls, recorder["align.judge.calls"]));
        Assert.Equal(Judge(options).Id, new JudgeFactory(options, 7).Create(store.Load(policy)).Id);
    }

    [Fact]
    public async Task Log_probs_and_ratings_come_back_to_those_who_asked()
    {
        TokenSequence[] sequences = [.. Enumerable.Range(0, 5).Select(i => new TokenSequence([5, 6 + i, 7, 8 + i], 1 + (i % 3)))];
        using LoadedPolicy loaded = store.Load(policy);
        IReadOnlyList<float[]> expected = loaded.Engine.LogProbs(sequences, None);
        IRater rater = (IRater)new JudgeFactory(Pointwise, 7).Create(loaded);
        RatedResponse[] responses = [.. Enumerable.Range(0, 3).Select(i => new RatedResponse(TinyPolicy.Ask, $"red {i}"))];

        Held held = await HoldAsync();
        Task<IReadOnlyList<float[]>>[] scores = [.. sequences.Chunk(2).Select(part => worker.LogProbsAsync(EngineKind.Managed, policy, part, None))];
        Task<IReadOnlyList<Rating>>[] ratings = [.. responses.Chunk(2).Select(part => worker.RateAsync(Judge(Pointwise), part, None))];
        held.Release();

        Assert.Equal(expected, (await Task.WhenAll(scores)).SelectMany(s => s));
        Assert.Equal(await rater.RateAsync(responses, None), (await Task.WhenAll(ratings)).SelectMany(r => r));
        await Assert.ThrowsAsync<ArgumentException>(() => worker.RateAsync(Judge(Pairwise), responses, None));
    }

    [Fact]
    public async Task A_call_waits_a_moment_for_others_of_its_kind()
    {
        await ReplaceAsync(new DeviceOptions { BatchWindow = TimeSpan.FromMilliseconds(5) });
        Task<IReadOnlyList<GeneratedResponse>> first = worker.GenerateAsync(EngineKind.Managed, policy, [Request(1)], None);
        time.Advance(TimeSpan.FromMilliseconds(4));
        Task<IReadOnlyList<GeneratedResponse>> second = worker.GenerateAsync(EngineKind.Managed, policy, [Request(2)], None);
        await worker.RunAsync(_ => 0, None);
        Assert.Equal((2, false), (worker.QueueLength, first.IsCompleted));

        time.Advance(TimeSpan.FromMilliseconds(1));

        await Task.WhenAll(first, second);
        Assert.Equal(1, recorder["align.generate.duration"]);
    }

    [Fact]
    public async Task A_full_batch_does_not_wait()
    {
        await ReplaceAsync(new DeviceOptions { BatchWindow = TimeSpan.FromMinutes(1), MaxSequences = 2 });

        await Task.WhenAll(GenerateAsync([Request(1)]), GenerateAsync([Request(2)]));

        Assert.Equal(1, recorder["align.generate.duration"]);
    }

    [Fact]
    public async Task A_full_queue_refuses_at_once()
    {
        await ReplaceAsync(new DeviceOptions { BatchWindow = TimeSpan.Zero, QueueCapacity = 2 });
        Held held = await HoldAsync();
        Task<IReadOnlyList<GeneratedResponse>>[] fitting = [.. Enumerable.Range(0, 2).Select(i => GenerateAsync([Request(i)]))];

        Task<IReadOnlyList<GeneratedResponse>> refused = worker.GenerateAsync(EngineKind.Managed, policy, [Request(2)], None);

        Assert.True(refused.IsFaulted);
        DeviceBusyException error = await Assert.ThrowsAsync<DeviceBusyException>(() => refused);
        Assert.Contains("slot: 2 calls wait already", error.Message, StringComparison.Ordinal);
        held.Release();
        await Task.WhenAll(fitting);
        await worker.GenerateAsync(EngineKind.Managed, policy, [Request(2)], None);
    }

    [Fact]
    public async Task A_call_given_up_while_it_waits_leaves_the_queue()
    {
        Held held = await HoldAsync();
        using var cancel = new CancellationTokenSource();
        Task<IReadOnlyList<GeneratedResponse>> given = GenerateAsync([Request(1)], cancel.Token), kept = GenerateAsync([Request(2)]);
        Task<int> step = worker.RunAsync<int>(_ => throw new InvalidOperationException("it was given up"), cancel.Token);
        Assert.Equal(3, worker.QueueLength);

        await cancel.CancelAsync();

        Assert.Equal((1, true, true), (worker.QueueLength, given.IsCanceled, step.IsCanceled));
        held.Release();
        Assert.Single(await kept);
        Assert.True(worker.GenerateAsync(EngineKind.Managed, policy, [Request(1)], cancel.Token).IsCanceled);
    }

    [Fact]
    public async Task Bad_input_fails_alone()
    {
        GeneratedResponse expected = Assert.Single(await worker.GenerateAsync(EngineKind.Managed, policy, [Request(1)], None));
        var tooLong = new GenerationRequest([new ChatMessage("user", new string('q', 200))], 1, new SamplingOptions { MaxNewTokens = 4 });

        Held held = await HoldAsync();
        Task<IReadOnlyList<GeneratedResponse>> good = GenerateAsync([Request(1)]), bad = GenerateAsync([Request(2), tooLong]);
        Task<IReadOnlyList<GeneratedResponse>> lost = worker.GenerateAsync(EngineKind.Managed, "no-such-policy", [Request(1)], None);
        held.Release();

        Assert.Equal(Text(expected), Text(Assert.Single(await good)));
        await Assert.ThrowsAsync<ArgumentException>(() => bad);
        await Assert.ThrowsAnyAsync<IOException>(() => lost);
        Assert.Equal(Text(expected), Text(Assert.Single(await worker.GenerateAsync(EngineKind.Managed, policy, [Request(1)], None))));
    }

    [Fact]
    public async Task All_work_is_done_on_the_one_thread()
    {
        int thread = await worker.RunAsync(_ => Environment.CurrentManagedThreadId, None);

        int after = 0;
        Task<int> next = worker.RunAsync(_ => Environment.CurrentManagedThreadId, None);
        await next.ContinueWith(_ => after = Environment.CurrentManagedThreadId, None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

        Assert.Equal(thread, await next);
        Assert.NotEqual(thread, after);
        Assert.Equal("align-device-slot", await worker.RunAsync(_ => Thread.CurrentThread.Name, None));
        Assert.False(await worker.RunAsync(_ => Thread.CurrentThread.IsThreadPoolThread, None));
    }

    [Fact]
    public async Task Exclusive_work_that_began_ends_as_it_really_ended()
    {
        using CancellationTokenSource late = new(), heeded = new();

        Task<int> unheeding = worker.RunAsync(
            _ =>
            {
                late.Cancel();
                return 5;
            },
            late.Token);
        Task<int> heeding = worker.RunAsync(
            stop =>
            {
                heeded.Cancel();
                stop.ThrowIfCancellationRequested();
                return 5;
            },
            heeded.Token);

        Assert.Equal(5, await unheeding);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => heeding);
        Assert.True(heeding.IsCanceled);
        await Assert.ThrowsAsync<InvalidDataException>(() => worker.RunAsync<int>(_ => throw new InvalidDataException("broken"), None));
    }

    [Fact]
    public async Task A_stopping_worker_finishes_what_waits_and_refuses_the_rest()
    {
        await ReplaceAsync(new DeviceOptions { BatchWindow = TimeSpan.FromMinutes(1) });
        Held held = await HoldAsync();
        Task<IReadOnlyList<GeneratedResponse>> waiting = worker.GenerateAsync(EngineKind.Managed, policy, [Request(1)], None);

        Task stop = worker.StopAsync(TimeSpan.FromMinutes(1));
        await Assert.ThrowsAsync<DeviceStoppingException>(() => worker.GenerateAsync(EngineKind.Managed, policy, [Request(2)], None));
        await Assert.ThrowsAsync<DeviceStoppingException>(() => worker.RunAsync(_ => 0, None));
        held.Release();

        await stop;
        Assert.Single(await waiting);
        Assert.True(worker.Ended.IsCompleted);
        await worker.StopAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task What_is_not_done_by_the_deadline_is_handed_back()
    {
        var began = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<bool> step = worker.RunAsync(
            stop =>
            {
                began.SetResult();
                stop.WaitHandle.WaitOne();
                stop.ThrowIfCancellationRequested();
                return true;
            },
            None);
        await began.Task;
        Task<IReadOnlyList<GeneratedResponse>> waiting = worker.GenerateAsync(EngineKind.Managed, policy, [Request(1)], None);
        Task<int> next = worker.RunAsync(_ => 0, None);

        Task ending = worker.StopAsync(TimeSpan.FromSeconds(20));
        time.Advance(TimeSpan.FromSeconds(19));
        Assert.False(waiting.IsCompleted || step.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));

        await ending;
        foreach (Task task in new Task[] { step, waiting, next }) await Assert.ThrowsAsync<DeviceStoppingException>(() => task);
        Assert.True(worker.Ended.IsCompleted);
    }

    [Fact]
    public async Task It_tells_how_long_it_did_what()
    {
        time.Advance(TimeSpan.FromSeconds(1));

        (double idle, IReadOnlyDictionary<string, double> busy) = await worker.RunAsync(
            _ =>
            {
                time.Advance(TimeSpan.FromSeconds(3));
                return (worker.TakeIdleRatio(), worker.BusySeconds);
            },
            None);

        Assert.Equal(0.25, idle, 9);
        Assert.Equal(new Dictionary<string, double> { ["generate"] = 0, ["judge"] = 0, ["score"] = 0, ["train"] = 3 }, busy);
        await worker.DisposeAsync();
        worker.TakeIdleRatio();
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, worker.TakeIdleRatio());
    }

    private DevicePolicies Policies() => new(store, EngineCatalog.Managed, "cpu", threads: 1, capacity: 2);

    private DeviceWorker Worker(DeviceOptions options) => new("slot", Policies(), options, time, metrics);

    private async Task ReplaceAsync(DeviceOptions options)
    {
        await worker.DisposeAsync();
        worker = Worker(options);
    }

    private Task<IReadOnlyList<GeneratedResponse>> GenerateAsync(IReadOnlyList<GenerationRequest> requests, CancellationToken cancel = default) =>
        worker.GenerateAsync(EngineKind.Managed, policy, requests, cancel);

    /// <summary>Keeps the device busy, so that later calls wait together in the queue.</summary>
    private async Task<Held> HoldAsync()
    {
        var held = new Held();
        var began = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = worker.RunAsync(
            _ =>
            {
                began.SetResult();
                held.Wait();
                return 0;
            },
            None);
        await began.Task;
        return held;
    }

    private static GenerationRequest Request(int i) =>
        new(i % 2 == 0 ? TinyPolicy.Ask : [new ChatMessage("user", "say blue")], (ulong)i, new SamplingOptions { MaxNewTokens = 6 });

    /// <summary>A response as text, numbers to the bit.</summary>
    private static string Text(GeneratedResponse response) =>
        $"{string.Join(' ', response.PromptTokens)} > {string.Join(' ', response.Tokens)} "
        + $"{string.Join(' ', response.LogProbs.Select(BitConverter.SingleToInt32Bits))} {response.Finish} {response.Text}";

    private sealed class Held
    {
        private readonly TaskCompletionSource release = new();

        public void Release() => release.SetResult();

        public void Wait() => release.Task.GetAwaiter().GetResult();
    }
}

using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Core.Telemetry;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Grains.Hosting;

namespace OrleansAlign.Grains.Runs;

/// <summary>Keeps a run going: executes it outside the grain's turns, persists its phase; a reminder activates the grain again if its silo is lost.</summary>
[Reentrant, KeepAlive]
internal sealed class RunGrain(
    [PersistentState("run", GrainHosting.StorageName)] IPersistentState<RunRecord> record, RunSubmissions submissions, RunExecution execution, RunContexts runs,
    AlignMetrics metrics, GrainHostOptions options, TimeProvider time, ILogger<RunGrain> log) : Grain, IRunGrain, IRemindable, IDisposable
{
    private const string Reminder = "keep";

    /// <summary>Pauses between attempts after a passing fault: doubled each time, and reset after an attempt longer than the longest pause.</summary>
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1), LongestPause = TimeSpan.FromMinutes(1);

    /// <summary>Events that follow each other within this time go into one reply.</summary>
    private static readonly TimeSpan Together = TimeSpan.FromMilliseconds(100);

    private readonly RunEvents events = new();
    private CancellationTokenSource stop = new();
    private Task executing = Task.CompletedTask;

    private string Run => GrainKeys.NameOf(this.GetPrimaryKeyString());

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Begin();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await stop.CancelAsync();
        await Quietly.EndAsync(executing.WaitAsync(options.Drain, cancellationToken));
    }

    /// <inheritdoc/>
    public async Task StartAsync(RunSubmission submission)
    {
        await submissions.RecordAsync(Run, submission);
        if (record.State.Phase is not (RunPhase.Unknown or RunPhase.Failed)) return;
        await WishAsync(RunPhase.Running);
        Begin();
    }

    /// <inheritdoc/>
    public async Task ResumeAsync()
    {
        await MustExistAsync();
        if (record.State.Phase is RunPhase.Finished or RunPhase.Running) return;
        await executing;
        await WishAsync(RunPhase.Running);
        Begin();
    }

    /// <inheritdoc/>
    public Task PauseAsync() => StopAsync(RunPhase.Paused);

    /// <inheritdoc/>
    public Task CancelAsync() => StopAsync(RunPhase.Cancelled);

    /// <inheritdoc/>
    public async Task<RunStatus> StatusAsync()
    {
        await MustExistAsync();
        return Status();
    }

    /// <inheritdoc/>
    public async Task<RunNews> WatchAsync(long after, TimeSpan wait)
    {
        await MustExistAsync();
        if (record.State.Phase == RunPhase.Running)
        {
            await Quietly.EndAsync(events.NewsAsync(after).WaitAsync(wait, time));
            await Quietly.EndAsync(executing.WaitAsync(Together, time));
        }

        (long last, IReadOnlyList<RunEvent> news) = events.After(after);
        return new RunNews(last, news, Status());
    }

    /// <inheritdoc/>
    public Task ReceiveReminder(string reminderName, TickStatus status)
    {
        Begin();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose() => stop.Dispose();

    private RunStatus Status() => new(record.State.Phase, record.State.Problem, record.State.Policy, options.SiloName);

    private async Task MustExistAsync()
    {
        if (record.State.Phase != RunPhase.Unknown || await runs.Ledger(Run).RunAsync() is not null) return;
        throw new RunRefusedException($"there is no run {Run} in this cluster; align status lists those there are");
    }

    /// <summary>Persists the owner's wish to pause or cancel, and has the work end at the next safe place.</summary>
    private async Task StopAsync(RunPhase phase)
    {
        await MustExistAsync();
        if (record.State.Phase is RunPhase.Finished || record.State.Phase == phase) return;
        await WishAsync(phase);
        await stop.CancelAsync();
        events.Wake();
    }

    /// <summary>Persists the run's phase. The reminder is registered exactly while the phase is <see cref="RunPhase.Running"/>.</summary>
    private async Task WishAsync(RunPhase phase, string? problem = null, string? policy = null)
    {
        if (phase == RunPhase.Running) await this.RegisterOrUpdateReminder(Reminder, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
        (RunPhase Phase, string? Problem, string? Policy) before = (record.State.Phase, record.State.Problem, record.State.Policy);
        (record.State.Phase, record.State.Problem, record.State.Policy) = (phase, problem, policy);
        try
        {
            await record.WriteStateAsync();
        }
        catch
        {
            // The phase in memory must be the stored one; the caller gets the exception and calls again.
            (record.State.Phase, record.State.Problem, record.State.Policy) = before;
            throw;
        }

        if (phase != RunPhase.Running && await this.GetReminder(Reminder) is { } reminder) await this.UnregisterReminder(reminder);
    }

    private void Begin()
    {
        if (record.State.Phase != RunPhase.Running || !executing.IsCompleted) return;
        stop.Dispose();
        stop = new CancellationTokenSource();
        executing = ExecuteAsync(stop.Token);
    }

    private async Task ExecuteAsync(CancellationToken cancel)
    {
        TimeSpan pause = FirstPause;
        using var gauges = new RunGauges(events, metrics, Run);
        while (!cancel.IsCancellationRequested)
        {
            log.RunBegins(Run);
            long began = time.GetTimestamp();
            try
            {
                string policy = await Task.Run(() => execution.ExecuteAsync(Run, gauges, cancel), CancellationToken.None);
                log.RunFinished(Run, policy);
                await PersistAsync(RunPhase.Finished, null, policy, cancel);
                break;
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                break;
            }
            catch (Exception error) when (error is InvalidDataException or ArgumentException or RecipeException or RunRefusedException)
            {
                log.RunFailed(Run, error.Message);
                await PersistAsync(RunPhase.Failed, error.Message, null, cancel);
                break;
            }
#pragma warning disable CA1031 // Silos come and go and databases pause: a fault that is not in recipe or data passes, and the run resumes from its ledger.
            catch (Exception error)
#pragma warning restore CA1031
            {
                if (time.GetElapsedTime(began) > LongestPause) pause = FirstPause;
                log.RunInterrupted(Run, pause.TotalSeconds, error.Message);
                events.Report(new RunEvent.Noted($"interrupted, tried again in {pause.TotalSeconds:F0} s: {error.Message}"));
            }

            await WaitAsync(pause, cancel);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }

        events.Wake();
        if (!cancel.IsCancellationRequested) await ReleaseTrainerAsync();
    }

    /// <summary>Has the trainer's silo remove the run's gauges. When a run is stopped, its execution stops the trainer itself.</summary>
    private async Task ReleaseTrainerAsync()
    {
        try
        {
            await GrainFactory.GetGrain<ITrainerGrain>(GrainKeys.Trainer(Run)).StopAsync();
        }
#pragma warning disable CA1031 // The run is over; the worst consequence is that its gauges stay for a while.
        catch (Exception error)
#pragma warning restore CA1031
        {
            log.Trouble($"run {Run}: its trainer could not be released", error.Message);
        }
    }

    /// <summary>Persists how the run ended; tries again until storage takes it or the run is stopped.</summary>
    private async Task PersistAsync(RunPhase phase, string? problem, string? policy, CancellationToken cancel)
    {
        for (TimeSpan pause = TimeSpan.FromSeconds(1); !cancel.IsCancellationRequested;)
        {
            try
            {
                await WishAsync(phase, problem, policy);
                return;
            }
#pragma warning disable CA1031 // Storage faults pass. If the grain is lost first, the next activation finds the end in the ledger again.
            catch (Exception error)
#pragma warning restore CA1031
            {
                log.Trouble($"run {Run}: its state could not be stored", error.Message);
            }

            await WaitAsync(pause, cancel);
        }
    }

    private async Task WaitAsync(TimeSpan pause, CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(pause, time);
        await Quietly.EndAsync(timer.WaitForNextTickAsync(cancel).AsTask());
    }
}

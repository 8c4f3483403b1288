using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Placement;
using Orleans.Streams;
using Orleans.Streams.Core;
using OrleansAlign.Core.Stages;
using OrleansAlign.Core.Telemetry;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Grains.Devices;
using OrleansAlign.Grains.Hosting;
using OrleansAlign.Grains.Runs;

namespace OrleansAlign.Grains.Training;

/// <summary>
/// Trains a run's policy on a slot of its silo. While a round's tournaments are under way, the stream of winners wakes it to read pairs from the ledger ahead,
/// in order. How far training is, the ledger records.
/// </summary>
[Reentrant, Immovable, OnDeviceSilo, ImplicitStreamSubscription(Winners.StreamNamespace)]
internal sealed class TrainerGrain(
    RunContexts runs, TrainerWork work, AlignMetrics metrics, GrainHostOptions options, TimeProvider time, ILogger<TrainerGrain> log)
    : Grain, ITrainerGrain, IStreamSubscriptionObserver, IDisposable
{
    /// <summary>Pause between two pulls: winners come by the hundred in a second, and one pull reads all the pairs committed so far.</summary>
    private static readonly TimeSpan BetweenPulls = TimeSpan.FromSeconds(1);

    private readonly TrainingProgress progress = new(time);
    private CancellationTokenSource stop = new();
    private TrainingJob? current;
    private Task<string>? training;
    private PairFeed? feed;
    private Task pulling = Task.CompletedTask;
    private bool pullAgain;
    private TaskCompletionSource wanted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private string Run => GrainKeys.NameOf(this.GetPrimaryKeyString());

    /// <inheritdoc/>
    public async Task<TrainingStatus> TrainAsync(TrainingJob job, long known, TimeSpan wait)
    {
        if (current != job)
        {
            await StopAsync();
            (current, training) = (job, null);
            progress.Reset();
        }

        training ??= BeginAsync(job);
        await progress.WaitAsync(known, training, wait);
        if (!training.IsCompleted) return progress.Status;
        Task<string> ended = training;
        try
        {
            return progress.Status with { Policy = await ended };
        }
        catch (Exception error) when (error is InvalidDataException or ArgumentException or ArithmeticException)
        {
            return progress.Status with { Problem = error.Message };
        }
        finally
        {
            // After a failure the next call trains again; a success is kept, and repeated calls get its policy.
            if (!ended.IsCompletedSuccessfully) training = null;
        }
    }

    /// <inheritdoc/>
    public async Task StopAsync()
    {
        await stop.CancelAsync();
        if (training is { } last) await Quietly.EndAsync(last);
        stop.Dispose();
        stop = new CancellationTokenSource();
        training = null;
        metrics.RemoveRun(Run);
    }

    /// <inheritdoc/>
    public Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory) =>
        handleFactory.Create<Winners>().ResumeAsync(new WinnersObserver(winners => Wake(winners.Stage, winners.Round)));

    /// <inheritdoc/>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await stop.CancelAsync();
        if (training is { } last) await Quietly.EndAsync(last.WaitAsync(options.Drain, CancellationToken.None));
        metrics.RemoveRun(Run);
    }

    /// <inheritdoc/>
    public void Dispose() => stop.Dispose();

    /// <summary>Starts a pull of the pairs committed since the last one; if a pull is under way, it pulls once more at its end.</summary>
    private Task Wake(int stage, int round)
    {
        // Events that arrive late, after training of the round began, concern pairs that have been pulled already.
        if (training is { IsCompleted: false }) return Task.CompletedTask;
        pullAgain = true;
        if (pulling.IsCompleted) pulling = PullAsync(stage, round);
        return Task.CompletedTask;
    }

    private async Task PullAsync(int stage, int round)
    {
        try
        {
            while (pullAgain && !wanted.Task.IsCompleted)
            {
                pullAgain = false;
                RunContext run = await runs.GetAsync(Run);
                if (feed is null || (feed.Stage, feed.Round) != (stage, round)) feed = await Task.Run(() => run.Setup.Stages.Feed(stage, round));
                PairFeed pulled = feed!;
                await Task.Run(() => pulled.PullAsync(run.Ledger, CancellationToken.None));
                await Quietly.EndAsync(wanted.Task.WaitAsync(BetweenPulls, time));
            }
        }
#pragma warning disable CA1031 // Pairs that are not pulled ahead are pulled when training begins; an error that persists is reported then.
        catch (Exception error)
#pragma warning restore CA1031
        {
            feed = null;
            log.Trouble(this.GetPrimaryKeyString(), error.Message);
        }
    }

    private async Task<string> BeginAsync(TrainingJob job)
    {
        RunContext run = await runs.GetAsync(job.Run);
        wanted.TrySetResult();
        await pulling;
        wanted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        PairFeed? pulled = feed;
        feed = null;
        CancellationToken cancel = stop.Token;
        return await Task.Run(() => work.TrainAsync(run, job, pulled, progress, cancel), CancellationToken.None);
    }

    private sealed class WinnersObserver(Func<Winners, Task> next) : IAsyncObserver<Winners>
    {
        public Task OnNextAsync(Winners item, StreamSequenceToken? token = null) => next(item);

        public Task OnErrorAsync(Exception ex) => Task.CompletedTask;
    }
}

using OrleansAlign.Core.Stages;
using OrleansAlign.Core.Ports;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Grains.Contracts.Remote;

namespace OrleansAlign.Grains.Training;

/// <summary>Has a run's trainer grain take the optimizer steps, and reports its progress.</summary>
internal sealed class GrainRoundTrainer(string run, IGrainFactory grains, RemoteCalls calls, IProgress<RunEvent> progress) : IRoundTrainer
{
    /// <summary>How long one call waits for further steps.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <inheritdoc/>
    public async Task<string> TrainAsync(int stage, int round, string policy, CancellationToken cancel)
    {
        ITrainerGrain trainer = grains.GetGrain<ITrainerGrain>(GrainKeys.Trainer(run));
        var job = new TrainingJob(run, stage, round, policy);
        long known = 0;
        try
        {
            while (true)
            {
                cancel.ThrowIfCancellationRequested();
                TrainingStatus status = await calls.RunAsync("trainer.train", () => trainer.TrainAsync(job, known, Patience), cancel).ConfigureAwait(false);
                if (status.Problem is { } problem) throw new InvalidDataException(problem);
                bool isNews = status.Done != known && status.Total > 0;
                if (isNews) progress.Report(new RunEvent.Advanced("train", status.Done, status.Total, "steps", status.Figure));
                known = status.Done;
                if (status.Policy is { } trained) return trained;
            }
        }
        catch (OperationCanceledException)
        {
            await calls.RunAsync("trainer.stop", trainer.StopAsync, CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }
}

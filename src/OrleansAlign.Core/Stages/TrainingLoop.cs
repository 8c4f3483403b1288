using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Ports;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Losses;

namespace OrleansAlign.Core.Stages;

/// <summary>Takes a stage's (or a round's) optimizer steps from the last checkpoint on, and publishes the trained policy.</summary>
internal static class TrainingLoop
{
    /// <summary>Steps whose rows are committed together.</summary>
    private const int StepsPerCommit = 20;

    /// <summary>Runs all steps that are still missing.</summary>
    /// <param name="services">Ledger and engine.</param>
    /// <param name="stage">Stage, from 0.</param>
    /// <param name="round">Round, from 1; 0 in stages without rounds.</param>
    /// <param name="policy">Hash of the policy to begin with.</param>
    /// <param name="options">The stage's options.</param>
    /// <param name="total">Number of steps.</param>
    /// <param name="batchOf">Batch and objective of a step: a pure function of its number. It is called one step ahead, while the engine works.</param>
    /// <param name="cancel">Ends the work at the next step, with its state saved.</param>
    /// <returns>Hash of the trained policy.</returns>
    public static async Task<string> RunAsync(
        TrainingServices services, int stage, int round, string policy, TrainingOptions options, int total,
        Func<int, Task<(TrainingBatch Batch, IObjective Objective)>> batchOf, CancellationToken cancel)
    {
        List<StepRow> uncommitted = [];
        int saved = await OpenAsync(services, stage, round, policy, cancel).ConfigureAwait(false), done = saved;
        Task<(TrainingBatch Batch, IObjective Objective)> next = ReadAsync(saved + 1);
        try
        {
            while (done < total)
            {
                cancel.ThrowIfCancellationRequested();
                int step = done + 1;
                (TrainingBatch batch, IObjective objective) = await next.ConfigureAwait(false);
                next = ReadAsync(step + 1);
                StepOptions stepOptions = options.StepOptions(step, total);
                StepReport report = await services.Trainer.StepAsync(batch, objective, stepOptions, cancel).ConfigureAwait(false);
                uncommitted.Add(new StepRow(stage, round, step, stepOptions.LearningRate, report));
                done = step;
                services.Progress.Report(new RunEvent.Advanced("train", done, total, "steps", $"loss {report.Loss:F3}"));
                if (uncommitted.Count == StepsPerCommit || done == total) await CommitAsync().ConfigureAwait(false);
                if (done % options.CheckpointEvery == 0 && done < total) await CheckpointAsync().ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            if (done > saved) await CheckpointAsync().ConfigureAwait(false);
            throw;
        }
        finally
        {
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return await services.Trainer.PublishAsync(cancel).ConfigureAwait(false);

        Task<(TrainingBatch Batch, IObjective Objective)> ReadAsync(int step) =>
            step <= total ? Task.Run(() => batchOf(step), cancel) : Task.FromResult<(TrainingBatch, IObjective)>(default);

        async Task CommitAsync()
        {
            await services.Ledger.AddStepsAsync(uncommitted, CancellationToken.None).ConfigureAwait(false);
            uncommitted.Clear();
        }

        async Task CheckpointAsync()
        {
            await CommitAsync().ConfigureAwait(false);
            string file = await services.Trainer.SaveStateAsync($"stage-{stage}-round-{round}-step-{done}", CancellationToken.None).ConfigureAwait(false);
            await services.Ledger.AddTrainerCheckpointAsync(new TrainerCheckpointRow(stage, round, done, file), CancellationToken.None).ConfigureAwait(false);
            saved = done;
        }
    }

    /// <summary>Opens the latest state that can be read, or the policy itself if there is none. Steps that are taken again have the same results.</summary>
    /// <returns>Number of steps taken up to the opened state.</returns>
    private static async Task<int> OpenAsync(TrainingServices services, int stage, int round, string policy, CancellationToken cancel)
    {
        foreach (TrainerCheckpointRow row in await services.Ledger.TrainerCheckpointsAsync(stage, round, cancel).ConfigureAwait(false))
        {
            try
            {
                await services.Trainer.OpenStateAsync(policy, row.File, cancel).ConfigureAwait(false);
                return row.Step;
            }
            catch (InvalidDataException)
            {
                // Older files are deleted as newer ones are written, and a power failure may damage the newest: training then goes on from the one before.
            }
        }

        await services.Trainer.OpenAsync(policy, cancel).ConfigureAwait(false);
        return 0;
    }
}

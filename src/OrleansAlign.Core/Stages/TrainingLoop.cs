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
                StepReport report = await StepAsync(step, batch, objective, stepOptions).ConfigureAwait(false);
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

        async Task<StepReport> StepAsync(int step, TrainingBatch batch, IObjective objective, StepOptions stepOptions)
        {
            try
            {
                StepReport report = await services.Trainer.StepAsync(batch, objective, stepOptions, cancel).ConfigureAwait(false);
                return double.IsFinite(report.Loss) ? report : throw new ArithmeticException($"the loss is {report.Loss}");
            }
            catch (ArithmeticException error)
            {
                await CommitAsync().ConfigureAwait(false);
                throw await DivergedAsync(services, stage, round, step, stepOptions, error).ConfigureAwait(false);
            }
        }

        async Task CommitAsync()
        {
            if (uncommitted.Count == 0) return;
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

    /// <summary>The error of a step whose loss or gradient is not finite, once the steps before it are committed.</summary>
    private static async Task<ArithmeticException> DivergedAsync(
        TrainingServices services, int stage, int round, int step, StepOptions options, ArithmeticException cause)
    {
        IReadOnlyList<StepRow> before = await services.Ledger.StepsAsync(stage, round, CancellationToken.None).ConfigureAwait(false);
        string last = before.LastOrDefault(row => row.Step < step && double.IsFinite(row.Report.Loss)) is { } finite
            ? $"the last finite loss was {finite.Report.Loss:G6}, at step {finite.Step}"
            : "no step before had a finite loss";
        string place = round == 0 ? $"stage {stage}" : $"stage {stage}, round {round}";
        string what = cause.Message.Split(';')[0];
        return new ArithmeticException(
            $"{place}, {(what.StartsWith("step ", StringComparison.Ordinal) ? what : $"step {step}: {what}")}; {last}. The steps before are in the ledger; "
            + $"lower learning-rate (it was {options.LearningRate:G3}) or look for odd rows in the data, and train from this stage on with: "
            + "./align resume RUN --with-recipe FILE",
            cause);
    }

    /// <summary>
    /// Opens the latest state that can be read, or the policy itself if no state was kept. Steps that are taken again have the same results. A note tells of
    /// each damaged state for which an older one is used.
    /// </summary>
    /// <returns>Number of steps taken up to the opened state.</returns>
    /// <exception cref="InvalidDataException">A state is damaged, and there is no older one.</exception>
    private static async Task<int> OpenAsync(TrainingServices services, int stage, int round, string policy, CancellationToken cancel)
    {
        List<InvalidDataException> damaged = [];
        foreach (TrainerCheckpointRow row in await services.Ledger.TrainerCheckpointsAsync(stage, round, cancel).ConfigureAwait(false))
        {
            try
            {
                await services.Trainer.OpenStateAsync(policy, row.File, cancel).ConfigureAwait(false);
                foreach (InvalidDataException error in damaged)
                {
                    services.Progress.Report(new RunEvent.Noted($"{error.Message.Split(';')[0]}; training goes on from the state of step {row.Step} instead"));
                }

                return row.Step;
            }
            catch (FileNotFoundException)
            {
                // Older files are deleted as newer ones are written.
            }
            catch (InvalidDataException error)
            {
                damaged.Add(error);
            }
        }

        if (damaged.Count > 0) throw damaged[0];

        await services.Trainer.OpenAsync(policy, cancel).ConfigureAwait(false);
        return 0;
    }
}

using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Stages;
using OrleansAlign.Core.Telemetry;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Grains.Devices;
using OrleansAlign.Grains.Hosting;
using OrleansAlign.Grains.Runs;
using OrleansAlign.Devices;

namespace OrleansAlign.Grains.Training;

/// <summary>Takes a job's optimizer steps with the core's training loop, each step on the thread of a slot of this silo. Never on a grain's turn.</summary>
internal sealed class TrainerWork(SlotHost slots, IPolicyStore store, EngineCatalog engines, AlignMetrics metrics, GrainHostOptions options)
{
    /// <summary>Takes the steps that the ledger does not have yet, and returns the trained policy's hash.</summary>
    public async Task<string> TrainAsync(RunContext run, TrainingJob job, PairFeed? pulled, IProgress<RunEvent> progress, CancellationToken cancel)
    {
        (DeviceWorker worker, EngineChoice choice) = slots.TrainingWorker(run.Engine);
        var engine = new EngineTrainer(store, Path.Combine(options.RunFolder(job.Run), "trainer"), engines, choice);
        var trainer = new WorkerTrainer(worker, new MeteredTrainer(engine, metrics, job.Run));
        await using (trainer.ConfigureAwait(false))
        {
            var services = new TrainingServices(run.Ledger, trainer, progress, pulled);
            return await run.Setup.Stages.TrainAsync(job.Stage, job.Round, job.Policy, services, cancel).ConfigureAwait(false);
        }
    }
}

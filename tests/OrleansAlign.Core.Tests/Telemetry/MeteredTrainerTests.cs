using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Telemetry;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Losses;
using OrleansAlign.Tests;

namespace OrleansAlign.Core.Tests.Telemetry;

public sealed class MeteredTrainerTests
{
    [Fact]
    public async Task A_steps_figures_become_the_runs_gauges()
    {
        using AlignMetrics metrics = new(TimeProvider.System);
        using MeterRecorder recorder = new(metrics.Meter);
        using MeteredTrainer trainer = new(new OneStep(), metrics, "run");

        StepOptions options = new() { LearningRate = 0.25 };
        StepReport report = await trainer.StepAsync(new TrainingBatch([]), new SupervisedLoss(), options, CancellationToken.None);

        Assert.Same(OneStep.Report, report);
        Assert.Equal(1, recorder["align.train.duration"]);
        Assert.Equal(
            new Dictionary<string, double>
            {
                ["align.loss{run}"] = 0.5, ["align.grad.norm{run}"] = 2, ["align.learning.rate{run}"] = 0.25, ["align.rewards.margin{run}"] = 1.5,
                ["align.rewards.accuracy{run}"] = 0.75, ["align.length.chosen{run}"] = 12,
            },
            recorder.Look());
    }

    /// <summary>A trainer that has nothing to train: its one step reports fixed figures.</summary>
    private sealed class OneStep : ITrainer
    {
        public static readonly StepReport Report = new(0.5, 2, 30, new Dictionary<string, double>
        {
            ["rewards/margins"] = 1.5, ["rewards/accuracies"] = 0.75, ["tokens/chosen_length"] = 12, ["logps/chosen"] = -4,
        });

        public Task OpenAsync(string policy, CancellationToken cancel) => Task.CompletedTask;

        public Task OpenStateAsync(string policy, string file, CancellationToken cancel) => Task.CompletedTask;

        public Task<StepReport> StepAsync(TrainingBatch batch, IObjective objective, StepOptions options, CancellationToken cancel) => Task.FromResult(Report);

        public Task<string> SaveStateAsync(string name, CancellationToken cancel) => Task.FromResult(name);

        public Task<string> PublishAsync(CancellationToken cancel) => Task.FromResult("");
    }
}

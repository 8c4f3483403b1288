using System.Text.Json;

namespace OrleansAlign.Client.Tests;

/// <summary>
/// The product's claim: a policy that trains on its own verdicts answers better than the supervised one. A wrong sign anywhere in the loop fails here.
/// </summary>
[Collection(FinishedRuns.Name)]
public sealed class PromiseTests(FinishedRun run)
{
    [Fact]
    public void The_judge_that_was_taught_beside_answering_is_right() =>
        Assert.True(Figure(0, "judge_accuracy") >= 0.85, $"judge accuracy {Figure(0, "judge_accuracy")}");

    [Fact]
    public void Demonstrators_who_err_half_the_time_teach_to_err_half_the_time() => Assert.InRange(Figure(0, "pass_rate"), 0.25, 0.75);

    [Fact]
    public void Self_training_raises_the_pass_rate_beyond_chance() =>
        Assert.True(
            Figure(2, "pass_rate_low") > Figure(0, "pass_rate_high"), $"{Figure(0, "pass_rate")} → {Figure(1, "pass_rate")} → {Figure(2, "pass_rate")}");

    [Fact]
    public void The_first_round_alone_does_already() =>
        Assert.True(Figure(1, "pass_rate_low") > Figure(0, "pass_rate_high"), $"{Figure(0, "pass_rate")} → {Figure(1, "pass_rate")}");

    private double Figure(int round, string name) =>
        JsonDocument.Parse(File.ReadAllText(run.Json)).RootElement.GetProperty("rounds")[round].GetProperty("evaluation").GetProperty(name).GetDouble();
}

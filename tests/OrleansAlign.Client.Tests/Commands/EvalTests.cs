using System.Text.Json;

namespace OrleansAlign.Client.Tests.Commands;

[Collection(FinishedRuns.Name)]
public sealed class EvalTests(FinishedRun run)
{
    private string Prompts => Path.Combine(run.Folder, "heldout.jsonl");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_policy_ties_with_itself(bool judged)
    {
        JsonElement result = await EvalAsync(FinishedRun.Id, FinishedRun.Id, judged ? ["--judge", FinishedRun.Id] : []);

        Assert.Equal(0.5, result.GetProperty("winRate").GetDouble());
        Assert.Equal((0, 0, 300, 0), Counts(result));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Exchanging_the_policies_exchanges_wins_and_losses(bool judged)
    {
        string[] judge = judged ? ["--judge", FinishedRun.Id] : [];
        string first = await run.PolicyOfAsync(stage: -1);

        JsonElement there = await EvalAsync(FinishedRun.Id, first, judge), back = await EvalAsync(first, FinishedRun.Id, judge);

        (int wins, int losses, int ties, int invalids) = Counts(there);
        Assert.Equal(300, wins + losses + ties + invalids);
        Assert.NotEqual(0, wins + losses);
        Assert.Equal((losses, wins, ties, invalids), Counts(back));
        Assert.Equal(1, there.GetProperty("winRate").GetDouble() + back.GetProperty("winRate").GetDouble(), 12);
        Assert.InRange(there.GetProperty("winRate").GetDouble(), there.GetProperty("low").GetDouble(), there.GetProperty("high").GetDouble());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_final_policy_beats_the_one_that_entered_self_training(bool judged)
    {
        string entering = await run.PolicyOfAsync(stage: 0);

        JsonElement result = await EvalAsync(FinishedRun.Id, entering, judged ? ["--judge", entering] : []);

        Assert.True(result.GetProperty("low").GetDouble() > 0.5, result.GetRawText());
        Assert.True(result.GetProperty("pValue").GetDouble() < 0.01, result.GetRawText());
    }

    [Fact]
    public async Task Prompts_without_checks_need_a_judge() =>
        (await Align.RunAsync(null, "eval", FinishedRun.Id, FinishedRun.Id, "--prompts", Path.Combine(run.Folder, "prompts.jsonl"), "--runs", run.Runs))
            .IsRefusal("prompts.jsonl", "check", "--judge");

    [Fact]
    public async Task A_policy_that_the_run_does_not_have_is_refused() =>
        (await Align.RunAsync(null, "eval", $"{FinishedRun.Id}@xyz", FinishedRun.Id, "--prompts", Prompts, "--runs", run.Runs)).IsRefusal(
            "no policy of the run begins so");

    private static (int Wins, int Losses, int Ties, int Invalids) Counts(JsonElement result) =>
        (result.GetProperty("wins").GetInt32(),
            result.GetProperty("losses").GetInt32(), result.GetProperty("ties").GetInt32(), result.GetProperty("invalids").GetInt32());

    private async Task<JsonElement> EvalAsync(string policy, string against, params string[] options)
    {
        string json = Path.Combine(run.Folder, "eval.json");
        Ending ending = await Align.RunAsync(
            null, ["eval", policy, against, "--prompts", Prompts, "--runs", run.Runs, "--max-new-tokens", "8", "--json", json, .. options]);
        Assert.Equal((0, ""), (ending.Code, ending.Error));
        JsonElement result = JsonDocument.Parse(File.ReadAllText(json)).RootElement;
        Assert.StartsWith($"{policy} wins {100 * result.GetProperty("winRate").GetDouble():F1} % against {against}", ending.Output, StringComparison.Ordinal);
        return result;
    }
}

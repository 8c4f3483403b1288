using System.Text.Json;

namespace OrleansAlign.Client.Tests.Commands;

[Collection(FinishedRuns.Name)]
public sealed class StatusTests(FinishedRun run)
{
    [Fact]
    public async Task Without_runs_it_says_how_to_start_one()
    {
        Ending ending = await Align.RunAsync(null, "status", "--runs", Path.Combine(run.Folder, "none"));

        Assert.Equal((0, ""), (ending.Code, ending.Error));
        Assert.Contains("./align demo", Assert.Single(ending.OutputLines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_runs_are_listed_in_a_line_each()
    {
        Ending ending = await Align.RunAsync(null, "status", "--runs", run.Runs);

        Assert.Equal((0, ""), (ending.Code, ending.Error));
        Assert.Equal("colours-seed5: finished", Assert.Single(ending.OutputLines));
    }

    [Fact]
    public async Task A_finished_run_is_reported_as_it_was_at_its_end()
    {
        string json = Path.Combine(run.Folder, "status.json");
        Ending ending = await Align.RunAsync(null, "status", FinishedRun.Id, "--runs", run.Runs, "--json", json);

        Assert.Equal((0, ""), (ending.Code, ending.Error));
        string table = ending.Output[ending.Output.IndexOf("pass rate", StringComparison.Ordinal)..].TrimEnd();
        Assert.Contains(table, run.Output, StringComparison.Ordinal);
        JsonElement now = JsonDocument.Parse(File.ReadAllText(json)).RootElement, then = JsonDocument.Parse(File.ReadAllText(run.Json)).RootElement;
        Assert.Equal(then.GetProperty("rounds").GetRawText(), now.GetProperty("rounds").GetRawText());
        Assert.Equal(then.GetProperty("policy").GetString(), now.GetProperty("policy").GetString());
    }

    [Fact]
    public void The_result_for_programs_has_every_figure_of_every_round()
    {
        JsonElement result = JsonDocument.Parse(File.ReadAllText(run.Json)).RootElement;

        Assert.Equal(5, result.GetProperty("seed").GetInt32());
        Assert.True(result.GetProperty("seconds").GetDouble() > 0);
        Assert.Matches("^[0-9a-f]{64}$", result.GetProperty("policy").GetString());
        JsonElement[] rounds = [.. result.GetProperty("rounds").EnumerateArray()];
        Assert.Equal([0, 1, 2], rounds.Select(r => r.GetProperty("round").GetInt32()));
        Assert.All(rounds, r => Assert.All(["passRate", "judgeAccuracy", "loss"], name => Assert.Equal(JsonValueKind.Number, r.GetProperty(name).ValueKind)));
        Assert.All(
            rounds[1..],
            r => Assert.All(["flipRate", "tieRate", "invalidRate", "pairs", "margin", "chosenLength", "rejectedLength"],
                name => Assert.Equal(JsonValueKind.Number, r.GetProperty(name).ValueKind)));
        Assert.Equal(rounds[^1].GetProperty("policy").GetString(), result.GetProperty("policy").GetString());
    }

    [Fact]
    public async Task A_run_that_is_not_there_is_refused_with_those_that_are() =>
        (await Align.RunAsync(null, "status", "other", "--runs", run.Runs)).IsRefusal("there is no run other", FinishedRun.Id);
}

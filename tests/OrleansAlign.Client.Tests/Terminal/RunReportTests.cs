using System.Text.Json;
using OrleansAlign.Core.Stages;
using OrleansAlign.Client.Terminal;
using OrleansAlign.Core.Evaluation;
using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Ledgers;

namespace OrleansAlign.Client.Tests.Terminal;

public sealed class RunReportTests : IDisposable
{
    private const string Recipe = "model: { path: nowhere }\nstages:\n  - sft: { demonstrations: gone.jsonl }\n  - self-judge: { prompts: gone.jsonl }\n";

    private readonly string folder = Directory.CreateTempSubdirectory("align-report-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task The_figures_for_programs_have_the_promised_shape()
    {
        RunReport report = await ReadAsync();
        string path = Path.Combine(folder, "r.json");

        report.WriteJson(path, "second", TimeSpan.FromSeconds(12.34));

        JsonElement root = JsonDocument.Parse(File.ReadAllText(path)).RootElement;
        Assert.Equal(
            (7ul, 12.3, "second"),
            (root.GetProperty("seed").GetUInt64(), root.GetProperty("seconds").GetDouble(), root.GetProperty("policy").GetString()));
        JsonElement[] rounds = [.. root.GetProperty("rounds").EnumerateArray()];
        string[] promised =
        [
            "round", "passRate", "judgeAccuracy", "flipRate", "tieRate", "invalidRate", "pairs", "loss", "margin", "chosenLength", "rejectedLength",
        ];
        Assert.All(rounds, r => Assert.Empty(promised.Except(r.EnumerateObject().Select(p => p.Name))));
        Assert.Equal([0, 1], rounds.Select(r => r.GetProperty("round").GetInt32()));
        Assert.Equal([0, 2], rounds.Select(r => r.GetProperty("pairs").GetInt64()));
        Assert.Equal((0.25, 0.5), (rounds[0].GetProperty("passRate").GetDouble(), rounds[1].GetProperty("passRate").GetDouble()));
        Assert.Equal((0.1, 3.5), (rounds[1].GetProperty("flipRate").GetDouble(), rounds[1].GetProperty("chosenLength").GetDouble()));
        Assert.Equal(JsonValueKind.Null, rounds[0].GetProperty("flipRate").ValueKind);
    }

    [Fact]
    public async Task A_figure_that_is_no_number_is_null()
    {
        RunReport report = await ReadAsync(loss: double.NaN);
        string path = Path.Combine(folder, "r.json");

        report.WriteJson(path, "second", null);

        JsonElement round = JsonDocument.Parse(File.ReadAllText(path)).RootElement.GetProperty("rounds")[1];
        Assert.Equal(JsonValueKind.Null, round.GetProperty("loss").ValueKind);
        Assert.Equal(JsonValueKind.Null, round.GetProperty("metrics").GetProperty("loss").ValueKind);
    }

    [Fact]
    public async Task The_first_pair_that_can_be_explained_is_named() => Assert.Equal("1.1.65.0", (await ReadAsync()).FirstPair);

    [Fact]
    public async Task The_report_for_people_needs_no_data_and_shows_control_characters_instead_of_obeying_them()
    {
        using var output = new StringWriter();

        (await ReadAsync()).Print(output);

        Assert.Contains("25.0 % (10.0–40.0)", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("after  ✓ red\\u001b[2J⏎blue", output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b", output.ToString(), StringComparison.Ordinal);
    }

    private async Task<RunReport> ReadAsync(double loss = 0.6)
    {
        await using SqliteLedger ledger = SqliteLedger.Open(Path.Combine(folder, "ledger.db"));
        var run = new RunRow("small-seed7", Recipe, folder, 7, "", "0.1.0");
        await ledger.AddRoundAsync(new RoundRow(-1, 0, "model", "", "zeroth", new Dictionary<string, double>()));
        await ledger.AddRoundAsync(new RoundRow(0, 0, "sft", "zeroth", "first", new Dictionary<string, double> { [RoundMetrics.Loss] = 1.5 }));
        await ledger.AddRoundAsync(new RoundRow(1, 1, "self-judge", "first", "second", new Dictionary<string, double>
        {
            [RoundMetrics.Loss] = loss, [RoundMetrics.Prompts] = 70, [RoundMetrics.Pairs] = 2, [RoundMetrics.FlipRate] = 0.1, [RoundMetrics.ChosenLength] = 3.5,
        }));
        foreach ((string policy, double rate) in new[] { ("first", 0.25), ("second", 0.5) })
        {
            await ledger.AddEvaluationAsync(new EvaluationRow(
                policy,
                new Dictionary<string, double> { [EvaluationMetrics.PassRate] = rate, [EvaluationMetrics.PassLow] = 0.1, [EvaluationMetrics.PassHigh] = 0.4 },
                [new EvaluationSample("say", "red\u001b[2J\nblue", true)]));
        }

        await ledger.AddPairSetsAsync([.. Enumerable.Range(0, 70).Select(i => new PairSetRow(
            new PromptKey(1, 1, i), $"p{i}", "[]", [1], "first", [new MatchRow("main-1-0", 0, 1, Outcome.A, 0.5, false, null)], [],
            i == 65 ? [new PairRow(0, 1, 0.5, -1, -2)] : []))]);
        return await RunReport.ReadAsync(ledger, run, CancellationToken.None);
    }
}

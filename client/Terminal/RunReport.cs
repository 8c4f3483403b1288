using System.Text.Json;
using OrleansAlign.Core.Stages;
using OrleansAlign.Client.Commands;
using OrleansAlign.Core.Evaluation;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Core.Runs;
using Spectre.Console;

namespace OrleansAlign.Client.Terminal;

/// <summary>A run's results: a table for people, JSON for programs.</summary>
internal sealed class RunReport
{
    /// <summary>Width at which all columns fit beside each other; also used where the output is no terminal.</summary>
    private const int PlainWidth = 140;

    /// <summary>Prompts whose pair sets are read at a time, until one has a pair to show.</summary>
    private const int PromptsAtOnce = 64;

    /// <summary>Columns of every table, and the columns of the two tables that a narrow terminal gets instead of one.</summary>
    private static readonly Column[]
        About =
        [
            new("round", (round, _) => round.Round == 0 ? "–" : $"{round.Round}"),
            new("stage", (round, _) => round.Kind),
        ],
        Answers =
        [
            new("pass rate (95 %)", (_, evaluation) => PassRate(evaluation)),
            new("judge acc.", (_, evaluation) => Percent(evaluation?.Metrics, EvaluationMetrics.JudgeAccuracy)),
            new("loss", (round, _) => Number(round, RoundMetrics.Loss, "F3")),
            new("margin", (round, _) => Number(round, RoundMetrics.RewardMargin, "F3")),
        ],
        Judgements =
        [
            new("flips", (round, _) => Percent(round.Metrics, RoundMetrics.FlipRate)),
            new("ties", (round, _) => Percent(round.Metrics, RoundMetrics.TieRate)),
            new("invalid", (round, _) => Percent(round.Metrics, RoundMetrics.InvalidRate)),
            new("pairs", (round, _) => Number(round, RoundMetrics.Pairs, "N0")),
            new("chosen len.", (round, _) => Number(round, RoundMetrics.ChosenLength, "F1")),
            new("rejected len.", (round, _) => Number(round, RoundMetrics.RejectedLength, "F1")),
        ];

    private readonly RunRow run;
    private readonly IReadOnlyList<(RoundRow Round, EvaluationRow? Evaluation)> rounds;

    private RunReport(RunRow run, IReadOnlyList<(RoundRow Round, EvaluationRow? Evaluation)> rounds, string? firstPair) =>
        (this.run, this.rounds, FirstPair) = (run, rounds, firstPair);

    /// <summary>Name of a pair that can be explained; null if there is none.</summary>
    public string? FirstPair { get; }

    /// <summary>Hash of the latest policy; empty if none was trained.</summary>
    public string Policy => rounds.Count > 0 ? rounds[^1].Round.PolicyAfter : "";

    /// <summary>Reads the rounds and evaluations from a ledger.</summary>
    public static async Task<RunReport> ReadAsync(ILedgerReader ledger, RunRow run, CancellationToken cancel)
    {
        List<(RoundRow, EvaluationRow?)> rounds = [];
        string? firstPair = null;
        foreach (RoundRow round in (await ledger.RoundsAsync(cancel).ConfigureAwait(false)).Where(r => r.Stage >= 0))
        {
            rounds.Add((round, await ledger.EvaluationAsync(round.PolicyAfter, cancel).ConfigureAwait(false)));
            for (int from = 0; firstPair is null && from < round.Metrics.GetValueOrDefault(RoundMetrics.Prompts); from += PromptsAtOnce)
            {
                IReadOnlyList<PairSetRow> sets = await ledger.PairSetsAsync(round.Stage, round.Round, from, from + PromptsAtOnce, cancel).ConfigureAwait(false);
                firstPair = sets.FirstOrDefault(s => s.Pairs.Count > 0) is { } set ? $"{set.Key}.0" : null;
            }
        }

        return new RunReport(run, rounds, firstPair);
    }

    /// <summary>Prints the table over rounds, samples before and after, and the diagnosis.</summary>
    public void Print(TextWriter output)
    {
        if (rounds.Count == 0) return;
        int width = Console.IsOutputRedirected ? PlainWidth : Console.WindowWidth;
        IEnumerable<Column[]> tables = width >= PlainWidth ? [[.. About, .. Answers, .. Judgements]] : [[.. About, .. Answers], [.. About, .. Judgements]];
        foreach (Column[] columns in tables) PrintTable(output, columns);
        PrintSamples(output);
        Recipe recipe = RecipeFile.Parse(run.Recipe, run.RunId, run.Folder, needFiles: false).Recipe;
        foreach (string line in Diagnosis.Of(recipe, [.. rounds.Select(r => r.Round)])) output.WriteLine($"note: {line}");
    }

    /// <summary>Writes the figures as JSON.</summary>
    public void WriteJson(string path, string policy, TimeSpan? time)
    {
        var report = new
        {
            run.RunId,
            run.Seed,
            seconds = time is { } t ? Math.Round(t.TotalSeconds, 1) : (double?)null,
            policy,
            rounds = rounds.Select(r => new
            {
                round = r.Round.Round,
                stage = r.Round.Kind,
                policy = r.Round.PolicyAfter,
                passRate = Value(r.Evaluation?.Metrics, EvaluationMetrics.PassRate),
                judgeAccuracy = Value(r.Evaluation?.Metrics, EvaluationMetrics.JudgeAccuracy),
                flipRate = Value(r.Round.Metrics, RoundMetrics.FlipRate),
                tieRate = Value(r.Round.Metrics, RoundMetrics.TieRate),
                invalidRate = Value(r.Round.Metrics, RoundMetrics.InvalidRate),
                pairs = (long?)Value(r.Round.Metrics, RoundMetrics.Pairs) ?? 0,
                loss = Value(r.Round.Metrics, RoundMetrics.Loss),
                margin = Value(r.Round.Metrics, RoundMetrics.RewardMargin),
                chosenLength = Value(r.Round.Metrics, RoundMetrics.ChosenLength),
                rejectedLength = Value(r.Round.Metrics, RoundMetrics.RejectedLength),
                metrics = Finite(r.Round.Metrics),
                evaluation = r.Evaluation is { } evaluation ? Finite(evaluation.Metrics) : null,
            }),
        };
        File.WriteAllText(path, JsonSerializer.Serialize(report, Shared.IndentedJson) + "\n");
    }

    private void PrintTable(TextWriter output, Column[] columns)
    {
        // The width is set so that all columns fit; the library would cut longer text off with an ellipsis.
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = PlainWidth;
        var table = new Table().Border(TableBorder.Simple);
        foreach (Column column in columns)
        {
            table.AddColumn(new TableColumn(column.Heading) { Alignment = column.Heading == "stage" ? Justify.Left : Justify.Right, NoWrap = true });
        }

        foreach ((RoundRow round, EvaluationRow? evaluation) in rounds) table.AddRow([.. columns.Select(c => Markup.Escape(c.Text(round, evaluation)))]);
        console.Write(table);
    }

    private void PrintSamples(TextWriter output)
    {
        if (rounds.Count < 2 || rounds[0].Evaluation is not { Samples.Count: > 0 } before || rounds[^1].Evaluation is not { Samples.Count: > 0 } after) return;
        output.WriteLine("Before and after, on held-out prompts:");
        for (int i = 0; i < Math.Min(before.Samples.Count, after.Samples.Count); i++)
        {
            output.WriteLine($"  {Shared.Visible(before.Samples[i].Prompt)}");
            output.WriteLine($"    before {Mark(before.Samples[i])} {Shared.Visible(before.Samples[i].Response)}");
            output.WriteLine($"    after  {Mark(after.Samples[i])} {Shared.Visible(after.Samples[i].Response)}");
        }

        static string Mark(EvaluationSample sample) => sample.Passed ? "✓" : "✗";
    }

    private sealed record Column(string Heading, Func<RoundRow, EvaluationRow?, string> Text);

    private static string PassRate(EvaluationRow? evaluation) =>
        Value(evaluation?.Metrics, EvaluationMetrics.PassRate) is { } rate
            && Value(evaluation?.Metrics, EvaluationMetrics.PassLow) is { } low
            && Value(evaluation?.Metrics, EvaluationMetrics.PassHigh) is { } high
            ? $"{100 * rate:F1} % ({100 * low:F1}–{100 * high:F1})"
            : "";

    private static string Percent(IReadOnlyDictionary<string, double>? metrics, string name) =>
        Value(metrics, name) is { } value ? $"{100 * value:F1} %" : "";

    private static string Number(RoundRow row, string name, string format) => Value(row.Metrics, name)?.ToString(format) ?? "";

    /// <summary>A figure; null if it is missing or not finite, since JSON has no such numbers.</summary>
    private static double? Value(IReadOnlyDictionary<string, double>? metrics, string name) =>
        metrics is not null && metrics.TryGetValue(name, out double value) && double.IsFinite(value) ? value : null;

    private static Dictionary<string, double?> Finite(IReadOnlyDictionary<string, double> metrics) =>
        metrics.Keys.ToDictionary(name => name, name => Value(metrics, name));
}

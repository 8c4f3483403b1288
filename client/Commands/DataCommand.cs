using System.CommandLine;
using System.Text.Json;
using OrleansAlign.Client.Terminal;
using OrleansAlign.Core.Data;
using OrleansAlign.Core.Policies;
using OrleansAlign.Models.Checkpoints;

namespace OrleansAlign.Client.Commands;

/// <summary><c>align data check</c>: what a run would read in a data file, and what it would leave out or refuse.</summary>
internal static class DataCommand
{
    public static Command Create() => new("data", "Look into data files before a run reads them.") { CreateCheck() };

    private static Command CreateCheck()
    {
        Argument<string> file = new("file") { Description = "JSONL or Parquet; or a folder of such files, or a quoted pattern such as 'data/train-*.jsonl'." };
        Option<string> kind = new("--as") { Description = "What to read: prompts, demonstrations or preferences.", HelpName = "KIND", Required = true };
        kind.AcceptOnlyFromAmong(DataCheck.Kinds);
        Option<string?> model = new("--model")
        {
            Description = "Folder of a model: also count tokens, and rows that do not fit its context.", HelpName = "DIR",
        };
        Option<string[]> column = new("--column") { Description = "Read a column as a key, like 'columns' in recipes; repeatable.", HelpName = "KEY=COLUMN" };
        Option<string[]> ignored = new("--ignore-column") { Description = "Leave a column out, like 'ignore-columns'; repeatable.", HelpName = "COLUMN" };
        Option<string?> json = Shared.JsonFile();
        var command = new Command("check", "Shapes, counts and lengths of a data file; rows that are left out, broken, repeated or contradicting.")
        {
            file, kind, model, column, ignored, json,
        };
        command.SetAction(parsed =>
        {
            RowColumns columns = Columns(parsed.GetValue(column) ?? [], parsed.GetValue(ignored) ?? []);
            ConversationEncoder? encoder = parsed.GetValue(model) is { } folder
                ? new ConversationEncoder(folder, ModelConfigFile.Read(Path.Combine(folder, ModelConfigFile.FileName)))
                : null;
            var check = new DataCheck(parsed.GetRequiredValue(file), parsed.GetRequiredValue(kind), columns, encoder);
            check.Read();
            Print(check);
            if (parsed.GetValue(json) is { } path) File.WriteAllText(path, JsonSerializer.Serialize(Result(check), Shared.IndentedJson) + "\n");
            return check.IsBroken ? ExitCode.BadInput : ExitCode.Done;
        });
        return command;
    }

    private static RowColumns Columns(string[] named, string[] ignored)
    {
        Dictionary<string, string> names = [];
        foreach (string name in named)
        {
            if (name.Split('=', 2) is not [{ Length: > 0 } key, { Length: > 0 } column])
                throw new BadInputException($"--column {name} names no key and column; write --column prompt=question");
            if (!names.TryAdd(key, column)) throw new BadInputException($"--column {name}: {key} is given twice; keep one");
        }

        var columns = new RowColumns(names, ignored);
        string[] problems = [.. columns.Problems()];
        return problems.Length == 0 ? columns : throw new BadInputException(string.Join('\n', problems));
    }

    private static void Print(DataCheck check)
    {
        DataReport report = check.Report;
        int broken = report.Broken + check.RefusedCount;
        Console.WriteLine($"rows         {check.Characters.Count:N0} used, {report.Skipped.Values.Sum():N0} left out, {broken:N0} broken");
        foreach ((string shape, int count) in report.Shapes) Console.WriteLine($"shape        {shape}: {count:N0}");
        PrintLengths("characters", check.Characters, check);
        PrintLengths("tokens", check.Tokens, check);
        RowSource[] tooLong = check.Context is null ? [] : [.. check.TooLong];
        if (check.Context is { } context)
        {
            Console.WriteLine(tooLong.Length == 0
                ? $"context      all fit the model's {context:N0} tokens"
                : $"context      {tooLong.Length:N0} do not fit the model's {context:N0} tokens: {check.First(tooLong)}");
        }

        foreach ((string reason, int count) in report.Skipped)
        {
            IReadOnlyList<RowSource> first = report.FirstSkipped(reason);
            string more = count > first.Count ? $" and {count - first.Count:N0} more" : "";
            Console.WriteLine($"left out     {count:N0}, {reason}: {check.First(first)}{more}");
        }

        PrintPairs("contradict", "exchange chosen and rejected", check.Contradicting, check);
        PrintPairs("repeated", "say what an earlier row says", check.Repeated, check);
        foreach (string problem in report.Problems.Concat(check.Refused)) Console.Error.WriteLine(problem);
        int untold = broken - report.Problems.Count - check.Refused.Count;
        if (untold > 0) Console.Error.WriteLine($"… and {untold:N0} more broken rows");
    }

    private static void PrintLengths(string unit, List<(RowSource Row, int Length)> lengths, DataCheck check)
    {
        if (lengths.Count == 0) return;
        int[] sorted = [.. lengths.Select(l => l.Length).Order()];
        (RowSource longest, int length) = lengths.MaxBy(l => l.Length);
        Console.WriteLine($"{unit,-12} {sorted[0]:N0} to {length:N0}, median {Quantile(sorted, 0.5):N0}, 95 % up to {Quantile(sorted, 0.95):N0}; "
            + $"longest: {check.Place(longest)}");
    }

    private static void PrintPairs(string name, string what, List<(RowSource Row, RowSource First)> pairs, DataCheck check)
    {
        if (pairs.Count == 0) return;
        Console.WriteLine($"{name,-12} {pairs.Count:N0} {what}: {check.First(pairs.Select(p => p.Row))} (the first: {check.Place(pairs[0].First)})");
    }

    private static int Quantile(int[] sorted, double share) => sorted[(int)Math.Ceiling(share * sorted.Length) - 1];

    private static object Result(DataCheck check)
    {
        DataReport report = check.Report;
        return new
        {
            rows = check.Characters.Count,
            shapes = report.Shapes,
            characters = Lengths(check.Characters),
            tokens = Lengths(check.Tokens),
            context = check.Context,
            tooLong = check.Context is null ? null : check.TooLong.Select(Text),
            leftOut = report.Skipped.Select(s => new { reason = s.Key, count = s.Value, first = report.FirstSkipped(s.Key).Select(Text) }),
            contradicting = check.Contradicting.Select(c => new { row = Text(c.Row), first = Text(c.First) }),
            repeated = check.Repeated.Select(c => new { row = Text(c.Row), first = Text(c.First) }),
            broken = report.Broken + check.RefusedCount,
            problems = report.Problems.Concat(check.Refused),
        };

        static string Text(RowSource row) => row.ToString();
        static object? Lengths(List<(RowSource Row, int Length)> lengths)
        {
            if (lengths.Count == 0) return null;
            int[] sorted = [.. lengths.Select(l => l.Length).Order()];
            return new { least = sorted[0], median = Quantile(sorted, 0.5), mean = lengths.Average(l => l.Length), most = sorted[^1] };
        }
    }
}

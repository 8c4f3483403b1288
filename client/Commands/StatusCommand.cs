using System.CommandLine;
using OrleansAlign.Client.Terminal;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Hosting.Embedded;
using OrleansAlign.Hosting.Ledger;

namespace OrleansAlign.Client.Commands;

/// <summary><c>align status</c>: what runs there are, and how far one is.</summary>
internal static class StatusCommand
{
    public static Command Create()
    {
        Argument<string?> id = new("run") { Description = "Name of a run; left out, all runs in a line each.", Arity = ArgumentArity.ZeroOrOne };
        Option<string> runs = Shared.Runs();
        Option<string?> json = Shared.JsonFile();
        var command = new Command("status", "Show the runs, or one run's rounds.") { id, runs, json };
        command.SetAction(async (parsed, cancel) =>
        {
            string folder = parsed.GetRequiredValue(runs);
            if (parsed.GetValue(id) is { } one)
            {
                await using SqliteLedger ledger = SqliteLedger.Open(EmbeddedRun.LedgerPath(EmbeddedRun.FolderOf(folder, one)));
                RunRow row = await ledger.RunAsync(cancel).ConfigureAwait(false) ?? throw new InvalidDataException($"{folder}: the run {one} was killed before it began; start it again");
                RunReport report = await RunReport.ReadAsync(ledger, row, cancel).ConfigureAwait(false);
                Console.WriteLine(await SummaryAsync(ledger, row, cancel).ConfigureAwait(false));
                report.Print(Console.Out);
                if (parsed.GetValue(json) is { } file) report.WriteJson(file, report.Policy, null);
                return ExitCode.Done;
            }

            string[] ids = EmbeddedRun.Ids(folder);
            if (ids.Length == 0) Console.WriteLine($"No runs in {folder}. Start one with: ./align demo");
            foreach (string name in ids)
            {
                await using SqliteLedger ledger = SqliteLedger.Open(EmbeddedRun.LedgerPath(EmbeddedRun.FolderOf(folder, name)));
                if (await ledger.RunAsync(cancel).ConfigureAwait(false) is { } row) Console.WriteLine(await SummaryAsync(ledger, row, cancel).ConfigureAwait(false));
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static async Task<string> SummaryAsync(SqliteLedger ledger, RunRow row, CancellationToken cancel)
    {
        Recipe recipe = RecipeFile.Parse(row.Recipe, $"{row.RunId}: recipe", row.Folder).Recipe;
        int total = recipe.Stages.Sum(s => s.SelfJudge?.Rounds ?? 1);
        IReadOnlyList<RoundRow> rounds = [.. (await ledger.RoundsAsync(cancel).ConfigureAwait(false)).Where(r => r.Stage >= 0)];
        string state = rounds.Count == total ? "finished" : $"{rounds.Count} of {total} rounds done; go on with: ./align resume {row.RunId}";
        return $"{row.RunId}: {state}";
    }
}

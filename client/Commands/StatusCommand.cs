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
                await ShowAsync(folder, one, parsed.GetValue(json), cancel).ConfigureAwait(false);
                return ExitCode.Done;
            }

            if (parsed.GetValue(json) is not null) throw new BadInputException("--json writes one run's figures; name the run");
            string[] ids = EmbeddedRun.Ids(folder);
            if (ids.Length == 0) Console.WriteLine($"No runs in {folder}. Start one with: ./align demo");
            foreach (string name in ids) await ListAsync(folder, name, cancel).ConfigureAwait(false);
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task ShowAsync(string runs, string id, string? jsonFile, CancellationToken cancel)
    {
        await using SqliteLedger ledger = SqliteLedger.OpenToRead(EmbeddedRun.LedgerPath(EmbeddedRun.FolderOf(runs, id)));
        RunRow row = await ledger.RunAsync(cancel).ConfigureAwait(false) ?? throw new InvalidDataException($"{runs}: the run {id} was killed before it began; delete its folder and start it again");
        RunReport report = await RunReport.ReadAsync(ledger, row, cancel).ConfigureAwait(false);
        await SummarizeAsync(ledger, row, runs, id, cancel).ConfigureAwait(false);
        report.Print(Console.Out);
        if (jsonFile is not null) report.WriteJson(jsonFile, report.Policy, null);
    }

    /// <summary>A line or two; one run that cannot be read does not hide the others.</summary>
    private static async Task ListAsync(string runs, string id, CancellationToken cancel)
    {
        try
        {
            await using SqliteLedger ledger = SqliteLedger.OpenToRead(EmbeddedRun.LedgerPath(EmbeddedRun.FolderOf(runs, id)));
            if (await ledger.RunAsync(cancel).ConfigureAwait(false) is { } row) await SummarizeAsync(ledger, row, runs, id, cancel).ConfigureAwait(false);
        }
        catch (Exception error) when (error is InvalidDataException or IOException or RecipeException)
        {
            Console.WriteLine($"{id}: cannot be read: {error.Message}");
        }
    }

    private static async Task SummarizeAsync(SqliteLedger ledger, RunRow row, string runs, string id, CancellationToken cancel)
    {
        Recipe recipe = RecipeFile.Parse(row.Recipe, $"{id}: recipe", row.Folder, needFiles: false).Recipe;
        HashSet<(int, int)> ended = [.. (await ledger.RoundsAsync(cancel).ConfigureAwait(false)).Select(r => (r.Stage, r.Round))];
        (int Stage, int Round)[] planned = [.. recipe.Stages.SelectMany((s, i) => s.SelfJudge is { } self ? Enumerable.Range(1, self.Rounds).Select(r => (i, r)) : [(i, 0)])];
        int open = Array.FindIndex(planned, p => !ended.Contains(p));
        if (open < 0)
        {
            Console.WriteLine($"{id}: finished");
            return;
        }

        bool busy = EmbeddedRun.IsBusy(EmbeddedRun.FolderOf(runs, id));
        Console.WriteLine($"{id}: {open} of {planned.Length} rounds done; {(busy ? "a process is working on it" : $"go on with: ./align resume {id}{Shared.RunsHint(runs)}")}");
        (int stage, int round) = planned[open];
        int steps = (await ledger.StepsAsync(stage, round, cancel).ConfigureAwait(false)).Count;
        long prompts = round == 0 ? 0 : (await ledger.PairSetsAsync(stage, round, 0, int.MaxValue, cancel).ConfigureAwait(false)).Count;
        string where = round == 0 ? recipe.Stages[stage].Kind : $"{recipe.Stages[stage].Kind}, round {round} of {recipe.Stages[stage].SelfJudge!.Rounds}";
        if (steps + prompts > 0) Console.WriteLine($"  in {where}: {(round == 0 ? "" : $"{prompts:N0} prompts played, ")}{steps:N0} steps taken");
    }
}

using System.CommandLine;
using OrleansAlign.Client.Hosts;
using OrleansAlign.Client.Terminal;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Core.Runs;

namespace OrleansAlign.Client.Commands;

/// <summary><c>align status</c>: lists the runs, or shows the rounds of one.</summary>
internal static class StatusCommand
{
    public static Command Create()
    {
        Argument<string?> id = new("run") { Description = "Name of a run; left out, all runs in a line each.", Arity = ArgumentArity.ZeroOrOne };
        HostFlags hosts = new();
        Option<string?> json = Shared.JsonFile();
        var command = new Command("status", "Show the runs, or one run's rounds.") { id, json };
        hosts.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            string? one = parsed.GetValue(id);
            if (one is null && parsed.GetValue(json) is not null) throw new BadInputException("--json writes one run's figures; name the run");
            await using IRunHost host = await hosts.OpenAsync(parsed, threads: 0, cancel).ConfigureAwait(false);
            if (one is not null)
            {
                await ShowAsync(host, one, parsed.GetValue(json), cancel).ConfigureAwait(false);
                return ExitCode.Done;
            }

            IReadOnlyList<string> ids = await host.RunsAsync(cancel).ConfigureAwait(false);
            if (ids.Count == 0) Console.WriteLine($"No runs in {host.Name}. Start one with: ./align demo{host.Hint}");
            foreach (string name in ids) await ListAsync(host, name, cancel).ConfigureAwait(false);
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task ShowAsync(IRunHost host, string id, string? jsonFile, CancellationToken cancel)
    {
        await using ILedgerReader ledger = await host.OpenLedgerAsync(id, cancel).ConfigureAwait(false);
        RunRow row = await ledger.RunAsync(cancel).ConfigureAwait(false)
            ?? throw new InvalidDataException($"{host.Name}: the run {id} was killed before it began; delete its folder and start it again");
        RunReport report = await RunReport.ReadAsync(ledger, row, cancel).ConfigureAwait(false);
        await SummarizeAsync(host, ledger, row, cancel).ConfigureAwait(false);
        report.Print(Console.Out);
        if (jsonFile is not null) report.WriteJson(jsonFile, report.Policy, null);
    }

    /// <summary>Prints a line or two. A run that cannot be read is listed with its error, so that it does not hide the others.</summary>
    private static async Task ListAsync(IRunHost host, string id, CancellationToken cancel)
    {
        try
        {
            await using ILedgerReader ledger = await host.OpenLedgerAsync(id, cancel).ConfigureAwait(false);
            if (await ledger.RunAsync(cancel).ConfigureAwait(false) is { } row) await SummarizeAsync(host, ledger, row, cancel).ConfigureAwait(false);
        }
        catch (Exception error) when (error is InvalidDataException or IOException or RecipeException or BadInputException)
        {
            Console.WriteLine($"{id}: cannot be read: {error.Message}");
        }
    }

    private static async Task SummarizeAsync(IRunHost host, ILedgerReader ledger, RunRow row, CancellationToken cancel)
    {
        string id = row.RunId;
        Recipe recipe = RecipeFile.Parse(row.Recipe, $"{id}: recipe", row.Folder, needFiles: false).Recipe;
        RunStanding standing = RunStanding.Of(recipe, await ledger.RoundsAsync(cancel).ConfigureAwait(false));
        if (standing.IsFinished)
        {
            Console.WriteLine($"{id}: finished");
            return;
        }

        Console.WriteLine($"{id}: {standing.Done} of {standing.Total} rounds done; {await host.OutlookAsync(id, cancel).ConfigureAwait(false)}");
        (int stage, int round) = (standing.Stage, standing.Round);
        (_, long prompts, long steps) = await ledger.CountsAsync(stage, round, cancel).ConfigureAwait(false);
        string where = round == 0 ? recipe.Stages[stage].Kind : $"{recipe.Stages[stage].Kind}, round {round} of {recipe.Stages[stage].RoundCount}";
        if (steps + prompts > 0) Console.WriteLine($"  in {where}: {(round == 0 ? "" : $"{prompts:N0} prompts played, ")}{steps:N0} steps taken");
    }
}

using System.Diagnostics;
using OrleansAlign.Client.Terminal;
using OrleansAlign.Hosting.Embedded;
using OrleansAlign.Models.Chat;

namespace OrleansAlign.Client.Commands;

/// <summary>Executes a run on the console: progress, report, and what to do next.</summary>
internal static class RunSession
{
    /// <summary>Executes a new run. One that is refused for what it was given, before any work was done, leaves nothing behind.</summary>
    public static async Task<int> BeginAsync(EmbeddedRun run, string runs, int threads, string? jsonFile, CancellationToken cancel)
    {
        try
        {
            return await ExecuteAsync(run, runs, threads, jsonFile, cancel).ConfigureAwait(false);
        }
        catch (Exception error) when (error is InvalidDataException or ArgumentException or ChatTemplateException)
        {
            await run.DiscardIfUntouchedAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Does what the run lacks and reports on all of it.</summary>
    public static async Task<int> ExecuteAsync(EmbeddedRun run, string runs, int threads, string? jsonFile, CancellationToken cancel)
    {
        string runsOption = Shared.RunsHint(runs);
        Console.WriteLine($"Run {run.Row.RunId} in {run.Folder}, seed {run.Row.Seed}.");
        var progress = new ConsoleProgress(Console.Out, !Console.IsOutputRedirected, TimeProvider.System);
        long start = Stopwatch.GetTimestamp();
        string policy;
        try
        {
            policy = await run.ExecuteAsync(AvailableEngines.Catalog, threads, progress, cancel).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync($"{Environment.NewLine}align: interrupted; what was done is kept. Go on with: ./align resume {run.Row.RunId}{runsOption}").ConfigureAwait(false);
            return ExitCode.Interrupted;
        }

        RunReport report = await RunReport.ReadAsync(run.Ledger, run.Row, cancel).ConfigureAwait(false);
        report.Print(Console.Out);
        Console.WriteLine();
        Console.WriteLine($"Final policy {policy}");
        Console.WriteLine($"  lies in {run.Policies.Folder(policy)}, in Hugging Face layout");
        Console.WriteLine("What next:");
        if (report.FirstPair is { } pair) Console.WriteLine($"  ./align explain {run.Row.RunId}/{pair}{runsOption}    where a preference pair came from");
        Console.WriteLine($"  ./align chat {run.Row.RunId}{runsOption}    talk with the final policy");
        Console.WriteLine($"  ./align status {run.Row.RunId}{runsOption}    this report again");
        if (jsonFile is not null) report.WriteJson(jsonFile, policy, Stopwatch.GetElapsedTime(start));
        return ExitCode.Done;
    }
}

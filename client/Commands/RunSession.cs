using System.Diagnostics;
using OrleansAlign.Client.Hosts;
using OrleansAlign.Client.Terminal;
using System.CommandLine;
using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Recipes;

namespace OrleansAlign.Client.Commands;

/// <summary>
/// What the commands that work on a run to its end share: their options, and the run on the console with progress, report, and what to do next. The host
/// decides what works on it.
/// </summary>
internal sealed class RunSession
{
    private readonly Option<int> threads = Shared.Threads();
    private readonly Option<string?> json = Shared.JsonFile();
    private readonly Option<bool> detach = new("--detach") { Description = "With --cluster: return at once; the run goes on." };

    public HostFlags Hosts { get; } = new();

    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { threads, json, detach }) command.Add(option);
        Hosts.AddTo(command);
        Hosts.Exclude(command, threads);
        Hosts.Require(command, detach);
    }

    /// <summary>Opens the host, begins a new run there, notes whether another one of the recipe lies unfinished, and follows it unless detached.</summary>
    public Task<int> BeginAsync(ParseResult parsed, Func<RecipeFile> recipe, ulong? seed, CancellationToken cancel) => RunAsync(
        parsed,
        async (host, progress) =>
        {
            RecipeFile file = recipe();
            string? unfinished = await RunNotes.OfUnfinishedAsync(host, file.Recipe.Name, cancel).ConfigureAwait(false);
            IHostedRun run = await host.BeginAsync(file, seed ?? file.Recipe.Seed, progress, cancel).ConfigureAwait(false);
            if (unfinished is not null) progress.Report(new RunEvent.Noted(unfinished));
            return run;
        },
        cancel);

    /// <summary>Opens the host, begins or resumes a run there, and follows it, unless it is detached.</summary>
    public async Task<int> RunAsync(ParseResult parsed, Func<IRunHost, IProgress<RunEvent>, Task<IHostedRun>> begin, CancellationToken cancel)
    {
        await using IRunHost host = await Hosts.OpenAsync(parsed, parsed.GetValue(threads), cancel).ConfigureAwait(false);
        ConsoleProgress progress = Progress();
        await using IHostedRun run = await begin(host, progress).ConfigureAwait(false);
        if (!parsed.GetValue(detach)) return await FollowAsync(host, run, progress, parsed.GetValue(json), cancel).ConfigureAwait(false);
        Console.WriteLine($"Run {run.Row.RunId} {run.Place}, seed {run.Row.Seed}. Watch it with: ./align watch {run.Row.RunId}{host.Hint}");
        return ExitCode.Done;
    }

    /// <summary>Progress of a run, as lines on standard output.</summary>
    public static ConsoleProgress Progress() => new(Console.Out, !Console.IsOutputRedirected, TimeProvider.System);

    /// <summary>Waits for a run's end and prints its report.</summary>
    public static async Task<int> FollowAsync(IRunHost host, IHostedRun run, ConsoleProgress progress, string? jsonFile, CancellationToken cancel)
    {
        string id = run.Row.RunId;
        Console.WriteLine($"Run {id} {run.Place}, seed {run.Row.Seed}.");
        long start = Stopwatch.GetTimestamp();
        string policy;
        try
        {
            policy = await run.EndAsync(progress, cancel).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync($"{Environment.NewLine}align: {run.Interruption}").ConfigureAwait(false);
            return ExitCode.Interrupted;
        }
        catch (RunStoppedException stopped)
        {
            await Console.Error.WriteLineAsync($"align: {stopped.Message}").ConfigureAwait(false);
            return ExitCode.Interrupted;
        }

        RunReport report = await RunReport.ReadAsync(run.Ledger, run.Row, cancel).ConfigureAwait(false);
        report.Print(Console.Out);
        Console.WriteLine();
        Console.WriteLine($"Final policy {policy}");
        Console.WriteLine($"  lies in {run.PlaceOf(policy)}, in Hugging Face layout");
        Console.WriteLine("What next:");
        if (report.FirstPair is { } pair) Console.WriteLine($"  ./align explain {id}/{pair}{host.Hint}    where a preference pair came from");
        if (run.CanChat) Console.WriteLine($"  ./align chat {id}{host.Hint}    talk with the final policy");
        Console.WriteLine($"  ./align status {id}{host.Hint}    this report again");
        if (jsonFile is not null) report.WriteJson(jsonFile, policy, Stopwatch.GetElapsedTime(start));
        return ExitCode.Done;
    }
}

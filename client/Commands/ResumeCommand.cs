using System.CommandLine;
using OrleansAlign.Hosting.Embedded;

namespace OrleansAlign.Client.Commands;

/// <summary><c>align resume</c>: what a run still lacks.</summary>
internal static class ResumeCommand
{
    public static Command Create()
    {
        Argument<string> id = new("run") { Description = "Name of a run." };
        Option<string> runs = Shared.Runs();
        Option<int> threads = Shared.Threads();
        Option<string?> json = Shared.JsonFile();
        var command = new Command("resume", "Go on with a run that was interrupted or killed; it ends as if it had not been.") { id, runs, threads, json };
        command.SetAction(async (parsed, cancel) =>
        {
            await using EmbeddedRun run = await EmbeddedRun.OpenAsync(parsed.GetRequiredValue(runs), parsed.GetRequiredValue(id), cancel).ConfigureAwait(false);
            return await RunSession.ExecuteAsync(run, parsed.GetRequiredValue(runs), parsed.GetValue(threads), parsed.GetValue(json), cancel).ConfigureAwait(false);
        });
        return command;
    }
}

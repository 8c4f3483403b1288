using System.CommandLine;
using OrleansAlign.Client.Hosts;

namespace OrleansAlign.Client.Commands;

/// <summary><c>align resume</c>: continues a run from its ledger.</summary>
internal static class ResumeCommand
{
    public static Command Create()
    {
        Argument<string> id = new("run") { Description = "Name of a run." };
        HostFlags hosts = new();
        Option<int> threads = Shared.Threads();
        Option<string?> json = Shared.JsonFile();
        Option<bool> detach = Shared.Detach();
        var command = new Command("resume", "Go on with a run that was interrupted or killed; it ends as if it had not been.") { id, threads, json, detach };
        hosts.AddTo(command);
        hosts.Exclude(command, threads);
        hosts.Require(command, detach);
        command.SetAction(async (parsed, cancel) =>
        {
            await using IRunHost host = await hosts.OpenAsync(parsed, parsed.GetValue(threads), cancel).ConfigureAwait(false);
            await using IHostedRun run = await host.ResumeAsync(parsed.GetRequiredValue(id), cancel).ConfigureAwait(false);
            if (parsed.GetValue(detach)) return RunSession.Detach(host, run);
            return await RunSession.FollowAsync(host, run, RunSession.Progress(), parsed.GetValue(json), cancel).ConfigureAwait(false);
        });
        return command;
    }
}

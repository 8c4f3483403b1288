using System.CommandLine;
using OrleansAlign.Client.Hosts;

namespace OrleansAlign.Client.Commands;

/// <summary><c>align watch</c>: a run on a cluster, as it goes.</summary>
internal static class WatchCommand
{
    public static Command Create()
    {
        Argument<string> id = new("run") { Description = "Name of a run." };
        HostFlags hosts = new();
        Option<string?> json = Shared.JsonFile();
        var command = new Command("watch", "Watch a run on a cluster until it ends. Ctrl-C stops watching; the run goes on.") { id, json };
        hosts.AddTo(command, folders: false);
        command.SetAction(async (parsed, cancel) =>
        {
            await using IRunHost host = await hosts.OpenAsync(parsed, threads: 0, cancel).ConfigureAwait(false);
            await using IHostedRun run = await host.WatchAsync(parsed.GetRequiredValue(id), cancel).ConfigureAwait(false);
            return await RunSession.FollowAsync(host, run, RunSession.Progress(), parsed.GetValue(json), cancel).ConfigureAwait(false);
        });
        return command;
    }
}

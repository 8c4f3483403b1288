using System.CommandLine;
using OrleansAlign.Client.Hosts;
using OrleansAlign.Client.Terminal;

namespace OrleansAlign.Client.Commands;

/// <summary><c>align pause</c> and <c>align cancel</c>: end the work on a cluster's run, for a while or for good.</summary>
internal static class StopCommands
{
    public static Command CreatePause() =>
        Create("pause", "End the work on a cluster's run at its next saved state; resume goes on from there.", forGood: false);

    public static Command CreateCancel() =>
        Create("cancel", "End the work on a cluster's run for good; its results are kept.", forGood: true);

    private static Command Create(string name, string description, bool forGood)
    {
        Argument<string> id = new("run") { Description = "Name of a run." };
        HostFlags hosts = new();
        var command = new Command(name, description) { id };
        hosts.AddTo(command, folders: false);
        command.SetAction(async (parsed, cancel) =>
        {
            await using IRunHost host = await hosts.OpenAsync(parsed, threads: 0, cancel).ConfigureAwait(false);
            string run = parsed.GetRequiredValue(id);
            Console.WriteLine($"{run}: {await host.StopAsync(run, forGood, cancel).ConfigureAwait(false)}");
            return ExitCode.Done;
        });
        return command;
    }
}

using System.CommandLine;
using OrleansAlign.Client.Hosts;
using OrleansAlign.Core.Ports;

namespace OrleansAlign.Client.Commands;

/// <summary><c>align resume</c>: continues a run from its ledger.</summary>
internal static class ResumeCommand
{
    public static Command Create()
    {
        Argument<string> id = new("run") { Description = "Name of a run." };
        Option<string?> data = new("--data")
        {
            Description = "Folder that the recipe's paths are relative to, if the run's data was moved; the files must be as they were.", HelpName = "DIR",
        };
        RunSession session = new();
        var command = new Command("resume", "Go on with a run that was interrupted or killed; it ends as if it had not been.") { id, data };
        session.AddTo(command);
        session.Hosts.Exclude(command, data);
        command.SetAction((parsed, cancel) => session.RunAsync(
            parsed,
            async (host, progress) =>
            {
                IHostedRun run = await host.ResumeAsync(parsed.GetRequiredValue(id), parsed.GetValue(data), cancel).ConfigureAwait(false);
                if (RunNotes.OfChangedRecipe(run.Row, host.Hint, canChange: false) is { } changed) progress.Report(new RunEvent.Noted(changed));
                return run;
            },
            cancel));
        return command;
    }
}

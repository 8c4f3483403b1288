using System.CommandLine;

namespace OrleansAlign.Client.Commands;

/// <summary><c>align resume</c>: continues a run from its ledger.</summary>
internal static class ResumeCommand
{
    public static Command Create()
    {
        Argument<string> id = new("run") { Description = "Name of a run." };
        RunSession session = new();
        var command = new Command("resume", "Go on with a run that was interrupted or killed; it ends as if it had not been.") { id };
        session.AddTo(command);
        command.SetAction((parsed, cancel) => session.RunAsync(parsed, (host, _) => host.ResumeAsync(parsed.GetRequiredValue(id), cancel), cancel));
        return command;
    }
}

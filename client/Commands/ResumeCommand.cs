using System.CommandLine;
using OrleansAlign.Client.Hosts;
using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Recipes;

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
        Option<string?> other = new("--with-recipe")
        {
            Description = "Begin a new run of this recipe that takes over the stages on which it agrees with the run's, and has the run's seed; "
                + "--data is then for this recipe.",
            HelpName = "FILE",
        };
        RunSession session = new();
        var command = new Command("resume", "Go on with a run that was interrupted or killed; it ends as if it had not been.") { id, data, other };
        session.AddTo(command);
        session.Hosts.Exclude(command, data);
        command.SetAction((parsed, cancel) => session.RunAsync(
            parsed,
            async (host, progress) =>
            {
                if (parsed.GetValue(other) is { } recipe)
                {
                    RecipeFile file = RecipeFile.Load(recipe, data: parsed.GetValue(data));
                    return await host.BranchAsync(parsed.GetRequiredValue(id), file, progress, cancel).ConfigureAwait(false);
                }

                IHostedRun run = await host.ResumeAsync(parsed.GetRequiredValue(id), parsed.GetValue(data), cancel).ConfigureAwait(false);
                if (RunNotes.OfChangedRecipe(run.Row, host.Hint, canChange: host.CanBranch) is { } changed) progress.Report(new RunEvent.Noted(changed));
                return run;
            },
            cancel));
        return command;
    }
}

using System.CommandLine;
using OrleansAlign.Client.Hosts;
using OrleansAlign.Client.Terminal;
using OrleansAlign.Core.Recipes;

namespace OrleansAlign.Client.Commands;

/// <summary><c>align run</c>: a recipe from beginning to end.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        Argument<string> recipe = new("recipe") { Description = "A recipe in YAML." };
        Option<ulong?> seed = new("--seed") { Description = "Seed; left out, the recipe's.", HelpName = "N" };
        Option<string?> data = new("--data") { Description = "Folder that the recipe's paths are relative to; left out, the recipe's own.", HelpName = "DIR" };
        HostFlags hosts = new();
        Option<int> threads = Shared.Threads();
        Option<string?> json = Shared.JsonFile();
        Option<bool> detach = Shared.Detach();
        var command = new Command("run", "Run a recipe, here or on a cluster. Ctrl-C leaves a run that can be resumed.")
        {
            recipe, data, seed, threads, json, detach,
        };
        hosts.AddTo(command);
        hosts.Exclude(command, threads);
        hosts.Require(command, detach);
        command.SetAction(async (parsed, cancel) =>
        {
            RecipeFile file = RecipeFile.Load(parsed.GetRequiredValue(recipe), data: parsed.GetValue(data));
            await using IRunHost host = await hosts.OpenAsync(parsed, parsed.GetValue(threads), cancel).ConfigureAwait(false);
            ConsoleProgress progress = RunSession.Progress();
            await using IHostedRun run = await host.BeginAsync(file, parsed.GetValue(seed) ?? file.Recipe.Seed, progress, cancel).ConfigureAwait(false);
            if (parsed.GetValue(detach)) return RunSession.Detach(host, run);
            return await RunSession.FollowAsync(host, run, progress, parsed.GetValue(json), cancel).ConfigureAwait(false);
        });
        return command;
    }
}

using System.CommandLine;
using OrleansAlign.Client.Terminal;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Hosting.Embedded;

namespace OrleansAlign.Client.Commands;

/// <summary><c>align run</c>: a recipe from beginning to end.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        Argument<string> recipe = new("recipe") { Description = "A recipe in YAML." };
        Option<ulong?> seed = new("--seed") { Description = "Seed; left out, the recipe's.", HelpName = "N" };
        Option<string> runs = Shared.Runs();
        Option<int> threads = Shared.Threads();
        Option<string?> json = Shared.JsonFile();
        var command = new Command("run", "Run a recipe. Ctrl-C leaves a run that can be resumed.") { recipe, seed, runs, threads, json };
        command.SetAction(async (parsed, cancel) =>
        {
            RecipeFile file = RecipeFile.Load(parsed.GetRequiredValue(recipe));
            await using EmbeddedRun run = await EmbeddedRun.CreateAsync(
                file, parsed.GetValue(seed) ?? file.Recipe.Seed, parsed.GetRequiredValue(runs), ProgramVersion.Text, cancel).ConfigureAwait(false);
            return await RunSession.BeginAsync(run, parsed.GetRequiredValue(runs), parsed.GetValue(threads), parsed.GetValue(json), cancel).ConfigureAwait(false);
        });
        return command;
    }
}

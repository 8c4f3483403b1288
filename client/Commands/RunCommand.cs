using System.CommandLine;
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
        RunSession session = new();
        var command = new Command("run", "Run a recipe, here or on a cluster. Ctrl-C leaves a run that can be resumed.") { recipe, data, seed };
        session.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            RecipeFile file = RecipeFile.Load(parsed.GetRequiredValue(recipe), data: parsed.GetValue(data));
            return await session.BeginAsync(parsed, () => file, parsed.GetValue(seed), cancel).ConfigureAwait(false);
        });
        return command;
    }
}

using System.CommandLine;
using System.Reflection;
using OrleansAlign.Client.Demo;
using OrleansAlign.Core.Recipes;

namespace OrleansAlign.Client.Commands;

/// <summary><c>align demo</c>: the whole loop on a small world, from nothing.</summary>
internal static class DemoCommand
{
    /// <summary>Rows of each data file.</summary>
    private const int Demonstrations = 12_000, Preferences = 30_000, Prompts = 4_096, HeldOut = 1_000;

    public static Command Create()
    {
        Option<ulong> seed = new("--seed") { Description = "Seed of the world and of the run.", HelpName = "N", DefaultValueFactory = _ => 1 };
        Option<string?> recipe = new("--recipe")
        {
            Description = "Run this recipe on the demo's data, such as recipes/dpo.yaml, instead of the demo's own.", HelpName = "FILE",
        };
        RunSession session = new();
        var command = new Command("demo", "Train a small model from nothing, let it judge itself, and see that it got better.") { recipe, seed };
        session.AddTo(command);
        command.SetAction((parsed, cancel) => session.BeginAsync(
            parsed,
            () =>
            {
                string folder = Prepare(session.Hosts.Folder(parsed), parsed.GetValue(seed));
                Console.WriteLine($"The demo world lies in {folder}: data as JSONL, and recipe.yaml.");
                return RecipeFile.Load(parsed.GetValue(recipe) ?? Path.Combine(folder, "recipe.yaml"), data: folder);
            },
            parsed.GetValue(seed),
            cancel));
        return command;
    }

    /// <summary>Writes the world's data and recipe; a world that is there already has the same bytes.</summary>
    /// <returns>The folder.</returns>
    public static string Prepare(string runs, ulong seed)
    {
        string folder = Path.Combine(runs, "demo-data", $"seed{seed}");
        new DemoWorld(seed).Write(folder, Demonstrations, Preferences, Prompts, HeldOut);
        using Stream recipe = Assembly.GetExecutingAssembly().GetManifestResourceStream("demo.yaml")!;
        using FileStream target = File.Create(Path.Combine(folder, "recipe.yaml"));
        recipe.CopyTo(target);
        return folder;
    }
}

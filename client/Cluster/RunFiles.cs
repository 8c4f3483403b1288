using OrleansAlign.Client.Terminal;
using OrleansAlign.Core.Recipes;

namespace OrleansAlign.Client.Cluster;

/// <summary>The files that a cluster needs to run a recipe: its data, and the model that it begins with.</summary>
internal static class RunFiles
{
    /// <summary>Files of a model's folder that are read.</summary>
    private static readonly string[] OfModels = ["*.json", "*.safetensors", "*.jinja"];

    /// <summary>Where the files lie, by the path that the recipe gives them, with forward slashes.</summary>
    /// <exception cref="BadInputException">Some lie where a cluster cannot put them: a line for each.</exception>
    public static IReadOnlyDictionary<string, string> Of(RecipeFile recipe)
    {
        // Laid out somewhere else, the same recipe names the same files there, but for those that are not in its folder.
        RecipeFile moved = recipe with { Folder = Path.Combine(recipe.Folder, "\u0001moved") };
        Dictionary<string, string> files = [];
        List<string> problems = [];
        foreach (((string key, string path), (_, string there)) in recipe.DataFiles().Zip(moved.DataFiles())) Add(key, path, there);
        foreach ((string key, string? folder) in new[] { ("model.path", recipe.Recipe.Model.Path), ("model.new.tokenizer.path", recipe.Recipe.Model.New?.Tokenizer.Path) })
        {
            // A large model may lie on storage that the silos see under the same path; it is named so, and not sent.
            if (folder is null || Path.IsPathRooted(folder)) continue;
            foreach (string file in OfModels.SelectMany(pattern => Directory.EnumerateFiles(recipe.Resolve(folder), pattern)))
            {
                Add(key, file, moved.Resolve(Path.Combine(folder, Path.GetFileName(file))));
            }
        }

        return problems.Count == 0 ? files : throw new BadInputException(string.Join('\n', problems.Distinct()));

        void Add(string key, string path, string there)
        {
            string inside = moved.Folder + Path.DirectorySeparatorChar;
            if (there.StartsWith(inside, StringComparison.Ordinal)) files[there[inside.Length..].Replace(Path.DirectorySeparatorChar, '/')] = path;
            else problems.Add($"{key}: {path} is not named by a path within the recipe's folder; a cluster takes the recipe's folder and what is below it: put the file there, and name it relative to the recipe");
        }
    }
}

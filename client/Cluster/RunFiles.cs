using OrleansAlign.Client.Terminal;
using OrleansAlign.Core.Data;
using OrleansAlign.Core.Recipes;

namespace OrleansAlign.Client.Cluster;

/// <summary>The files that a cluster needs to run a recipe: its data, and the model it begins with.</summary>
internal static class RunFiles
{
    /// <summary>Files of a model's folder that a run reads.</summary>
    private static readonly string[] OfModels = ["*.json", "*.safetensors", "*.jinja"];

    private const string Rule = "is not named by a path within the recipe's folder; "
        + "a cluster takes the recipe's folder and what is below it: put the file there, and name it relative to the recipe";

    /// <summary>The files on this machine, by their path in the recipe, with forward slashes.</summary>
    /// <exception cref="BadInputException">Files outside the recipe's folder, a line for each.</exception>
    public static IReadOnlyDictionary<string, string> Of(RecipeFile recipe)
    {
        // Relative paths resolve against the recipe's folder, so a copied folder works; absolute paths stay as they are. Resolving against another folder
        // tells them apart.
        RecipeFile moved = recipe with { Folder = Path.Combine(recipe.Folder, "\u0001moved") };
        Dictionary<string, string> files = [];
        List<string> problems = [];
        foreach (((string key, string path), (_, string there)) in recipe.DataFiles().Zip(moved.DataFiles()))
        {
            // The files of a folder lie in the folder; those of a pattern beside it.
            string of = Directory.Exists(path) ? there : Path.GetDirectoryName(there)!;
            foreach (string file in DataPaths.Files(path)) Add(key, file, file == path ? there : Path.Combine(of, Path.GetFileName(file)));
        }

        ModelSource model = recipe.Recipe.Model;
        foreach ((string key, string? folder) in new[] { ("model.path", model.Path), ("model.new.tokenizer.path", model.New?.Tokenizer.Path) })
        {
            // An absolute path names a model on storage that the silos share under the same path; it is not sent.
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
            else problems.Add($"{key}: {path} {Rule}");
        }
    }
}

using OrleansAlign.Core.Data;
using OrleansAlign.Core.Stages;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace OrleansAlign.Core.Recipes;

/// <summary>A recipe as read: its text, the folder of its paths, and its parsed form.</summary>
/// <param name="Text">The YAML.</param>
/// <param name="Folder">The folder that its paths are relative to.</param>
/// <param name="Recipe">The recipe parsed.</param>
public sealed record RecipeFile(string Text, string Folder, Recipe Recipe)
{
    /// <summary>The file that the recipe was read from, as an absolute path; null if it was parsed from text.</summary>
    public string? Source { get; init; }

    private const string PathsAreRelative = "paths are relative to the recipe's folder, or to that of --data";

    /// <summary>Reads a recipe from a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="needFiles">Whether the files that it names must exist; false if only its judge is used.</param>
    /// <param name="data">The folder that its paths are relative to; null: its own.</param>
    /// <exception cref="RecipeException">It cannot be read, or something in it is wrong: the exception names every problem with its line.</exception>
    public static RecipeFile Load(string path, bool needFiles = true, string? data = null)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new RecipeException([$"{path}: {error.Message.TrimEnd('.')}; give the path of a recipe in YAML"]);
        }

        string source = Path.GetFullPath(path);
        return Parse(text, path, data is null ? Path.GetDirectoryName(source)! : Path.GetFullPath(data), needFiles) with { Source = source };
    }

    /// <summary>Reads a recipe from its text.</summary>
    /// <param name="text">The YAML.</param>
    /// <param name="name">Name of the recipe in messages.</param>
    /// <param name="folder">The folder that its paths are relative to.</param>
    /// <param name="needFiles">Whether the files that it names must exist; false if a run is only inspected.</param>
    /// <exception cref="RecipeException">Something in it is wrong: the exception names every problem with its line.</exception>
    public static RecipeFile Parse(string text, string name, string folder, bool needFiles = true)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text));
        }
        catch (YamlException error)
        {
            throw new RecipeException([$"{name}:{error.Start.Line}: not valid YAML: {error.Message}"]);
        }

        if (stream.Documents.Count == 0) throw new RecipeException([$"{name}: the recipe is empty; it needs at least model and stages"]);
        if (stream.Documents.Count > 1) throw new RecipeException([$"{name}: {stream.Documents.Count} YAML documents; a recipe is exactly one"]);

        List<string> problems = [];
        var binder = new YamlBinder(name, problems, new Dictionary<Type, IReadOnlyDictionary<string, Type>> { [typeof(StageOptions)] = StageKinds.All });
        Recipe recipe = binder.Bind<Recipe>(stream.Documents[0].RootNode, "");
        if (recipe.Stages.Count == 0 && !problems.Any(p => p.Contains(": stages", StringComparison.Ordinal)))
        {
            problems.Add($"{name}: stages is empty; name at least one of {StageKinds.Names}");
        }
        var file = new RecipeFile(text, folder, recipe);
        foreach ((string key, string path) in needFiles ? file.DataFiles() : [])
        {
            bool isThere = key == "model.new.chat-template" ? File.Exists(path) : DataPaths.Exist(path);
            if (!isThere) problems.Add($"{name}: {key}: there is no file {path}; {PathsAreRelative}");
        }

        foreach ((string key, string path) in needFiles ? file.Folders() : [])
        {
            if (!Directory.Exists(path)) problems.Add($"{name}: {key}: there is no folder {path}; {PathsAreRelative}");
        }

        return problems.Count == 0 ? file : throw new RecipeException(problems);
    }

    /// <summary>The absolute form of a path in the recipe.</summary>
    public string Resolve(string path) => Path.GetFullPath(path, Folder);

    /// <summary>Every file that the recipe names, with the key that names it; one of data may be a folder or a pattern (<see cref="DataPaths"/>).</summary>
    public IEnumerable<(string Key, string Path)> DataFiles()
    {
        IEnumerable<(string Key, string? Path)> named =
        [
            .. (Recipe.Model.New?.Tokenizer.TrainOn ?? []).Select(p => ("model.new.tokenizer.train-on", (string?)p)),
            ("model.new.chat-template", Recipe.Model.New?.ChatTemplate),
            .. Recipe.Stages.SelectMany((s, i) => s.DataFiles().Select(d => ($"stages[{i}].{s.Kind}.{d.Key}", (string?)d.Path))),
            ("evaluation.prompts", Recipe.Evaluation?.Prompts),
            ("evaluation.preferences", Recipe.Evaluation?.Preferences),
        ];
        return named.Where(n => !string.IsNullOrEmpty(n.Path)).Select(n => (n.Key, Resolve(n.Path!)));
    }

    private IEnumerable<(string Key, string Path)> Folders()
    {
        if (Recipe.Model.Path is { } model) yield return ("model.path", Resolve(model));
        if (Recipe.Model.New?.Tokenizer.Path is { } tokenizer) yield return ("model.new.tokenizer.path", Resolve(tokenizer));
    }
}

/// <summary>A recipe that cannot be run; <see cref="Problems"/> has a line for each fault.</summary>
public sealed class RecipeException(IReadOnlyList<string> problems) : Exception(string.Join(Environment.NewLine, problems))
{
    /// <summary>The faults, one line each: file, line, key, value, rule, remedy.</summary>
    public IReadOnlyList<string> Problems { get; } = problems;
}

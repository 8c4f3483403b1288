using OrleansAlign.Client.Cluster;
using OrleansAlign.Client.Terminal;
using OrleansAlign.Core.Recipes;

namespace OrleansAlign.Client.Tests.Cluster;

public sealed class RunFilesTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("align-files-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Data_and_the_models_files_are_named_as_the_recipe_names_them()
    {
        string recipe = Write("recipe/recipe.yaml",
            "model: { path: ./models/base }\nstages:\n  - sft: { demonstrations: data/d.jsonl }\n  - sft: { demonstrations: ./data/../data/d.jsonl }\n");
        string data = Write("recipe/data/d.jsonl"), config = Write("recipe/models/base/config.json");
        string weights = Write("recipe/models/base/model.safetensors"), template = Write("recipe/models/base/chat_template.jinja");
        Write("recipe/models/base/pytorch_model.bin");
        Write("recipe/other.jsonl");

        Assert.Equal(
            new Dictionary<string, string>
            {
                ["data/d.jsonl"] = data, ["models/base/config.json"] = config,
                ["models/base/model.safetensors"] = weights, ["models/base/chat_template.jinja"] = template,
            },
            RunFiles.Of(RecipeFile.Load(recipe)));
    }

    [Fact]
    public void Files_that_a_cluster_cannot_put_in_place_are_refused_all_at_once()
    {
        string outside = Write("outside.jsonl"), inside = Write("recipe/inside.jsonl");
        string recipe = Write(
            "recipe/recipe.yaml",
            $"model: {{ new: {{ tokenizer: {{ train-on: [../outside.jsonl] }} }} }}\n"
                + $"stages:\n  - sft: {{ demonstrations: {inside} }}\n  - judge-sft: {{ demonstrations: inside.jsonl, preferences: inside.jsonl }}\n");

        string[] problems = Assert.Throws<BadInputException>(() => RunFiles.Of(RecipeFile.Load(recipe))).Message.Split('\n');

        Assert.Equal(2, problems.Length);
        Assert.StartsWith($"model.new.tokenizer.train-on: {outside} is not named by a path within the recipe's folder", problems[0], StringComparison.Ordinal);
        Assert.StartsWith($"stages[0].sft.demonstrations: {inside} is not named", problems[1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_with_a_full_path_lies_where_the_silos_see_it()
    {
        Write("shared/config.json");
        Write("recipe/d.jsonl");
        string recipe = Write("recipe/recipe.yaml", $"model: {{ path: {Path.Combine(folder, "shared")} }}\nstages:\n  - sft: {{ demonstrations: d.jsonl }}\n");

        Assert.Equal(["d.jsonl"], RunFiles.Of(RecipeFile.Load(recipe)).Keys);
    }

    [Fact]
    public void A_folder_and_a_pattern_are_sent_shard_by_shard()
    {
        string a = Write("recipe/data/a.jsonl"), b = Write("recipe/data/b.parquet"), c = Write("recipe/c-1.jsonl");
        Write("recipe/data/notes.txt");
        Write("recipe/models/config.json");
        string recipe = Write(
            "recipe/recipe.yaml", "model: { path: models }\nstages:\n  - sft: { demonstrations: data }\n  - sft: { demonstrations: c-*.jsonl }\n");

        IReadOnlyDictionary<string, string> files = RunFiles.Of(RecipeFile.Load(recipe));

        Assert.Equal((a, b, c), (files["data/a.jsonl"], files["data/b.parquet"], files["c-1.jsonl"]));
        Assert.Equal(4, files.Count);
    }

    private string Write(string path, string text = "{}\n")
    {
        string file = Path.Combine(folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
        return file;
    }
}

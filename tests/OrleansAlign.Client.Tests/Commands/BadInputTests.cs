using System.Text;
using System.Text.Json.Nodes;

namespace OrleansAlign.Client.Tests.Commands;

public sealed class BadInputTests : IDisposable
{
    private readonly SmallModel model = new();

    public void Dispose() => model.Dispose();

    private string Weights => Path.Combine(model.Folder, "model.safetensors");

    [Fact]
    public async Task A_truncated_checkpoint()
    {
        byte[] bytes = File.ReadAllBytes(Weights);
        File.WriteAllBytes(Weights, bytes[..^100]);

        (await LogProbsAsync()).IsRefusal("model.safetensors");
    }

    [Fact]
    public async Task A_checkpoint_with_overlapping_offsets()
    {
        byte[] bytes = File.ReadAllBytes(Weights);
        int length = (int)BitConverter.ToInt64(bytes);
        JsonObject header = JsonNode.Parse(Encoding.UTF8.GetString(bytes, 8, length))!.AsObject();
        string[] norms = [.. header.Select(p => p.Key).Where(k => k.EndsWith("layernorm.weight", StringComparison.Ordinal)).Take(2)];
        header[norms[1]]!["data_offsets"] = header[norms[0]]!["data_offsets"]!.DeepClone();
        byte[] changed = Encoding.UTF8.GetBytes(header.ToJsonString());
        File.WriteAllBytes(Weights, [.. BitConverter.GetBytes((long)changed.Length), .. changed, .. bytes[(8 + length)..]]);

        (await LogProbsAsync()).IsRefusal("model.safetensors", "inside the one before it");
    }

    [Fact]
    public async Task A_tokenizer_with_a_missing_merge()
    {
        string path = Path.Combine(model.Folder, "tokenizer.json");
        JsonObject file = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        JsonArray merges = file["model"]!["merges"]!.AsArray();
        merges[0] = merges[0] is JsonArray ? new JsonArray("zz", "qq") : "zz qq";
        File.WriteAllText(path, file.ToJsonString());

        (await Align.RunAsync("\"x\"\n", "tokenize", "--model", model.Folder)).IsRefusal("tokenizer.json", "zz");
    }

    [Fact]
    public async Task A_template_with_an_unknown_filter()
    {
        string path = Path.Combine(model.Folder, "tokenizer_config.json");
        JsonObject file = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        file["chat_template"] = "{% for m in messages %}\n{{ m.content | shuot }}{% endfor %}";
        File.WriteAllText(path, file.ToJsonString());

        (await Align.RunAsync("{\"messages\":[]}\n", "render", "--model", model.Folder)).IsRefusal("shuot", "2");
    }

    [Fact]
    public async Task A_recipe_with_five_mistakes()
    {
        string recipe = Path.Combine(model.Folder, "recipe.yaml");
        File.WriteAllText(recipe, """
            name: bad name
            seed: x
            model: { path: nowhere }
            stages:
              - self-judge: { prompts: none.jsonl, candidates: 1, bracket: triangle }
            """);

        Ending ending = await Align.RunAsync(null, "run", recipe, "--runs", Path.Combine(model.Folder, "runs"));

        Assert.Equal(2, ending.Code);
        string[] lines = ending.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        foreach (string part in new[] { "bad name", "\"x\"", "nowhere", "none.jsonl", "triangle" })
        {
            Assert.Single(lines, l => l.Contains(part, StringComparison.Ordinal));
        }

        Assert.False(Directory.Exists(Path.Combine(model.Folder, "runs")));
    }

    [Fact]
    public async Task A_row_of_the_wrong_shape()
    {
        File.WriteAllText(Path.Combine(model.Folder, "d.jsonl"), "{\"prompt\":\"a\",\"completion\":\"b\"}\n{\"prompt\":\"a\",\"completion\":7}\n");
        string recipe = Path.Combine(model.Folder, "recipe.yaml");
        File.WriteAllText(recipe, "model: { path: . }\nstages:\n  - sft: { demonstrations: d.jsonl }\n");

        (await Align.RunAsync(null, "run", recipe, "--runs", Path.Combine(model.Folder, "runs"))).IsRefusal("d.jsonl:2", "completion");
    }

    [Fact]
    public async Task A_run_that_does_not_exist() =>
        (await Align.RunAsync(null, "resume", "nothing", "--runs", model.Folder)).IsRefusal("there is no run nothing");

    [Fact]
    public async Task An_unknown_command() => Assert.Equal(2, (await Align.RunAsync(null, "trian")).Code);

    private Task<Ending> LogProbsAsync() => Align.RunAsync("{\"tokens\":[1,2],\"promptLength\":1}\n", "logprobs", "--model", model.Folder);
}

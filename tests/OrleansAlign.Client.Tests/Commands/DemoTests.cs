using System.Text.Json;
using OrleansAlign.Client.Commands;
using OrleansAlign.Client.Demo;
using OrleansAlign.Core.Data;
using OrleansAlign.Core.Data.Verification;
using OrleansAlign.Core.Recipes;

namespace OrleansAlign.Client.Tests.Commands;

/// <summary>The demo's world. A whole demo takes minutes; <see cref="PromiseTests"/> tests what it promises on a smaller world.</summary>
public sealed class DemoTests : IDisposable
{
    private static readonly string[] Files =
    [
        "demonstrations.jsonl", "preferences.jsonl", "prompts.jsonl", "heldout-prompts.jsonl", "heldout-preferences.jsonl",
    ];

    private readonly string folder = Directory.CreateTempSubdirectory("align-demo-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_data_is_a_function_of_the_seed()
    {
        string one = Write("one", 1), again = Write("again", 1), two = Write("two", 2);

        Assert.Equal(Files.Order(), Directory.GetFiles(one).Select(f => Path.GetFileName(f)).Order());
        foreach (string file in Files)
        {
            Assert.Equal(File.ReadAllBytes(Path.Combine(one, file)), File.ReadAllBytes(Path.Combine(again, file)));
            Assert.NotEqual(File.ReadAllBytes(Path.Combine(one, file)), File.ReadAllBytes(Path.Combine(two, file)));
        }
    }

    [Fact]
    public void More_rows_begin_as_fewer_do()
    {
        string few = Write("few", 1);
        new DemoWorld(1).Write(Path.Combine(folder, "many"), 80, 80, 80, 80);

        Assert.All(Files, file =>
            Assert.StartsWith(File.ReadAllText(Path.Combine(few, file)), File.ReadAllText(Path.Combine(folder, "many", file)), StringComparison.Ordinal));
    }

    [Fact]
    public void Preparing_the_demo_twice_leaves_the_same_bytes_and_a_recipe_without_a_problem()
    {
        string prepared = DemoCommand.Prepare(folder, 3);
        Dictionary<string, byte[]> before = Bytes(prepared);

        Assert.Equal(prepared, DemoCommand.Prepare(folder, 3));

        Dictionary<string, byte[]> after = Bytes(prepared);
        Assert.Equal([.. Files.Append("recipe.yaml").Order()], after.Keys.Order());
        Assert.All(after, file => Assert.Equal(before[file.Key], file.Value));
        RecipeFile recipe = RecipeFile.Load(Path.Combine(prepared, "recipe.yaml"));
        Assert.Equal("demo", recipe.Recipe.Name);
        Assert.Equal(["judge-sft", "self-judge"], recipe.Recipe.Stages.Select(s => s.Kind));
        Assert.Equal([.. Files.Order()], recipe.DataFiles().Select(f => Path.GetFileName(f.Path)).Distinct().Order());
    }

    [Theory]
    [InlineData("preferences.jsonl")]
    [InlineData("heldout-preferences.jsonl")]
    public void Preferences_are_labelled_by_the_rule(string file)
    {
        // The rule stands twice: in the world's labels, and in the check of a held-out prompt with the same request.
        new DemoWorld(1).Write(folder, 1, 400, 1, 400);
        Dictionary<string, Prompt> checks = Checks();
        PreferenceRow[] rows = [.. DataFile.Preferences(Path.Combine(folder, file))];

        Assert.Equal(400, rows.Length);
        foreach (PreferenceRow row in rows)
        {
            Prompt check = checks[row.Prompt[^1].Content];
            Assert.True(Verifiers.Check(check, row.Chosen).Score > Verifiers.Check(check, row.Rejected).Score,
                $"{row.Prompt[^1].Content}: {row.Chosen} over {row.Rejected}");
        }
    }

    [Theory]
    [InlineData(2, "owl hen", 1.0)]
    [InlineData(2, "hen owl", 1.0)]
    [InlineData(2, "owl owl", 0.0)]
    [InlineData(2, "owl", 0.5)]
    [InlineData(2, "owl hen crow", 0.5)]
    [InlineData(2, "owl cod", 0.0)]
    [InlineData(2, "cod eel", -1.0)]
    [InlineData(4, "owl hen crow eel", 0.5)]
    [InlineData(2, "", 0.0)]
    public void The_rule_counts_what_was_asked_for_against_what_was_not(int count, string answer, double score)
    {
        const int birds = 0;

        Assert.Equal(score, DemoWorld.Score(birds, count, answer), 12);
    }

    [Fact]
    public void Checks_of_held_out_prompts_pass_right_answers_and_no_others()
    {
        string world = Write("world", 1);
        foreach (Prompt prompt in DataFile.Prompts(Path.Combine(world, "heldout-prompts.jsonl")))
        {
            int count = prompt.Check!["count"]!.GetValue<int>();
            string[] allowed = [.. prompt.Check["allowed"]!.AsArray().Select(item => item!.GetValue<string>())];
            Assert.Matches($"^Name {count} [a-z]+$", prompt.Messages[^1].Content);
            string[] right = allowed[..count];

            Assert.True(Passes(right));
            Assert.True(Passes([.. right.Reverse()]));
            Assert.False(Passes(right[1..]));
            Assert.False(Passes([.. right, allowed[count]]));
            Assert.False(Passes([.. right[1..], right[1]]));
            Assert.False(Passes([.. right[1..], "stone"]));
            Assert.False(Passes([]));

            bool Passes(string[] items) => Verifiers.Check(prompt, string.Join(' ', items)).Pass;
        }
    }

    [Fact]
    public void Demonstrators_err_as_often_as_the_world_says()
    {
        new DemoWorld(1).Write(folder, 2_000, 1, 1, 400);
        Dictionary<string, Prompt> checks = Checks();

        Demonstration[] rows = [.. DataFile.Demonstrations(Path.Combine(folder, "demonstrations.jsonl"))];
        double right = rows.Average(d => Verifiers.Check(checks[d.Messages[0].Content], d.Messages[1].Content).Pass ? 1.0 : 0.0);

        // A careful answer of n words is right with probability 0.95^(n+1), a careless one with 0.5^(n+1); some slips fit by chance: on average about 0.46.
        Assert.InRange(right, 0.40, 0.55);
    }

    [Fact]
    public void Prompts_of_self_training_carry_nothing_but_the_request()
    {
        foreach (string line in File.ReadLines(Path.Combine(Write("world", 1), "prompts.jsonl")))
        {
            JsonElement row = JsonDocument.Parse(line).RootElement;
            Assert.Equal(["id", "prompt"], row.EnumerateObject().Select(p => p.Name));
            Assert.Matches("^p[0-9]+$", row.GetProperty("id").GetString());
            Assert.Matches("^Name [2-4] (birds|fish|fruits|tools|colours|trees)$", row.GetProperty("prompt").GetString());
        }
    }

    private static Dictionary<string, byte[]> Bytes(string of) => Directory.GetFiles(of).ToDictionary(f => Path.GetFileName(f), File.ReadAllBytes);

    /// <summary>A held-out prompt for each request, by its text.</summary>
    private Dictionary<string, Prompt> Checks() =>
        DataFile.Prompts(Path.Combine(folder, "heldout-prompts.jsonl")).GroupBy(p => p.Messages[^1].Content).ToDictionary(g => g.Key, g => g.First());

    private string Write(string name, ulong seed)
    {
        string world = Path.Combine(folder, name);
        new DemoWorld(seed).Write(world, 40, 40, 40, 40);
        return world;
    }
}

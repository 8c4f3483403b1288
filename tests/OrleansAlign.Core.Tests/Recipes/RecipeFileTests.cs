using OrleansAlign.Core.Stages;
using OrleansAlign.Core.Brackets;
using OrleansAlign.Core.Pairing;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Core.Runs;
using OrleansAlign.Models.Losses;

namespace OrleansAlign.Core.Tests.Recipes;

public sealed class RecipeFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("align-recipe-").FullName;

    public RecipeFileTests()
    {
        foreach (string name in new[] { "a.jsonl", "b.jsonl", "p.jsonl" }) File.WriteAllText(Path.Combine(folder, name), $"{{\"prompt\": \"{name}\"}}\n");
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private const string Sound = """
        name: small
        seed: 7
        model:
          new:
            hidden-size: 32
            tokenizer: { train-on: [a.jsonl], vocabulary-size: 300 }
        stages:
          - sft: { demonstrations: a.jsonl, learning-rate: 1e-3 }
          - judge-sft: { demonstrations: a.jsonl, preferences: b.jsonl }
          - self-judge:
              prompts: p.jsonl
              rounds: 3
              bracket: round-robin
              pairing: { rule: winner-vs-last, minimum-margin: 0.25 }
              sampling: { top-p: 0.8 }
              loss: { kind: ipo, beta: 0.2 }
        """;

    [Fact]
    public void A_sound_recipe_is_read_with_its_defaults()
    {
        Recipe recipe = Parse(Sound).Recipe;

        Assert.Equal(("small", 7ul), (recipe.Name, recipe.Seed));
        Assert.Equal(["sft", "judge-sft", "self-judge"], recipe.Stages.Select(s => s.Kind));
        Assert.Equal((3, 32, 1e-3), (recipe.Stages[0].Epochs, recipe.Stages[0].RowsPerStep, recipe.Stages[0].LearningRate));
        Assert.Equal((1, 128, 2e-5), (recipe.Stages[1].Epochs, recipe.Stages[1].RowsPerStep, recipe.Stages[1].LearningRate));
        var self = Assert.IsType<SelfJudgeOptions>(recipe.Stages[2]);
        Assert.Equal((BracketFormat.RoundRobin, PairingRule.WinnerVsLast, 0.25), (self.Bracket, self.Pairing.Rule, self.Pairing.MinimumMargin));
        Assert.Equal((PreferenceLossKind.Ipo, 0.2, 0.8), (self.Loss.Kind, self.Loss.Beta, self.Sampling.TopP));
    }

    [Fact]
    public void Every_mistake_is_named_with_its_line()
    {
        string text = Sound.Replace("hidden-size: 32", "hiden-size: 32", StringComparison.Ordinal)
            .Replace("seed: 7", "seed: -7", StringComparison.Ordinal)
            .Replace("learning-rate: 1e-3", "learning-rate: -1", StringComparison.Ordinal)
            .Replace("bracket: round-robin", "bracket: round-about", StringComparison.Ordinal)
            .Replace("preferences: b.jsonl", "preferences: c.jsonl", StringComparison.Ordinal);

        IReadOnlyList<string> problems = Assert.Throws<RecipeException>(() => Parse(text)).Problems;

        Assert.Equal(5, problems.Count);
        Assert.Contains(problems, p => IsAt(2, p) && p.Contains("-7", StringComparison.Ordinal));
        Assert.Contains(problems, p => IsAt(5, p) && p.Contains("did you mean hidden-size?", StringComparison.Ordinal));
        Assert.Contains(problems, p => IsAt(8, p) && p.Contains("learning-rate is -1", StringComparison.Ordinal));
        Assert.Contains(problems, p => IsAt(13, p) && p.Contains("losers-bracket", StringComparison.Ordinal));

        static bool IsAt(int line, string problem) => problem.Contains($"recipe.yaml:{line}:", StringComparison.Ordinal);
        Assert.Contains(problems, p => p.Contains("c.jsonl", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", "the recipe is empty")]
    [InlineData("name: x", "stages is empty")]
    [InlineData("name: x", "model: give exactly one of path")]
    [InlineData("stages:\n  - self-judge: { prompts: p.jsonl, candidates: 1, rounds: three }", "candidates is 1")]
    [InlineData("stages: [", "not valid YAML")]
    [InlineData("stages: 3", "a list belongs here")]
    [InlineData("model: [1]", "a mapping belongs here")]
    [InlineData("stages:\n  - {}", "exactly one of sft")]
    [InlineData("stages:\n  - sft: { demonstrations: a.jsonl }\n    judge-sft: { demonstrations: a.jsonl, preferences: b.jsonl }", "2 kinds given")]
    [InlineData("seed: .nan", "whole number")]
    [InlineData("judge: { principles: [kindness] }", "kindness")]
    [InlineData("judge: { templates: { x: { user: '{context} {response_a}' } } }", "response_b")]
    [InlineData("judge: { margin-for-tie: NaN }", "NaN")]
    [InlineData("name: ../x", "letters, digits")]
    public void A_mistake_is_explained(string text, string expected)
    {
        RecipeException error = Assert.Throws<RecipeException>(() => Parse(text));

        Assert.Contains(error.Problems, p => p.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void A_data_file_that_changed_since_a_run_began_is_named()
    {
        RunRow run = RunData.Record("small-seed7", Parse(Sound), 7, "test");
        foreach (string name in new[] { "a.jsonl", "b.jsonl", "p.jsonl" })
        {
            string path = Path.Combine(folder, name), old = File.ReadAllText(path);
            File.AppendAllText(path, "\n");
            string message = Assert.Throws<InvalidDataException>(() => RunData.ThrowIfChanged(run, Parse(Sound))).Message;
            Assert.StartsWith($"small-seed7: {name} changed since the run began; put back what was in {folder}", message, StringComparison.Ordinal);
            var unnamed = Assert.Throws<InvalidDataException>(() => RunData.ThrowIfChanged(run with { DataFiles = [] }, Parse(Sound)));
            Assert.Contains("a data file of the recipe", unnamed.Message, StringComparison.Ordinal);
            File.WriteAllText(path, old);
        }

        RunData.ThrowIfChanged(run, Parse(Sound));
    }

    [Theory]
    [InlineData("")]
    [InlineData("~")]
    [InlineData("null")]
    public void A_stage_with_nothing_in_it_still_lacks_what_it_needs(string nothing)
    {
        RecipeException error = Assert.Throws<RecipeException>(() => Parse($"model:\n  path: .\nstages:\n  - self-judge: {nothing}\n"));

        Assert.Contains("recipe.yaml:4: stages[0].self-judge: prompts is missing", Assert.Single(error.Problems), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("seed:", "recipe.yaml:1: seed: nothing stands here")]
    [InlineData("name: ~", "recipe.yaml:1: name: nothing stands here")]
    [InlineData("seed: 1.5", "\"1.5\" is not a whole number")]
    [InlineData("seed: [1]", "a whole number belongs here, not a list")]
    [InlineData("sead: 1", "unknown key sead; did you mean seed?")]
    [InlineData("engine: gpu", "\"gpu\" is not one of managed")]
    public void A_value_that_does_not_fit_is_named(string line, string problem)
    {
        RecipeException error = Assert.Throws<RecipeException>(
            () => Parse($"{line}\nmodel: {{ path: . }}\nstages: [{{ sft: {{ demonstrations: a.jsonl }} }}]\n"));

        Assert.Contains(problem, Assert.Single(error.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Sizes_that_no_machine_has_room_for_are_refused()
    {
        RecipeException error = Assert.Throws<RecipeException>(
            () => Parse(Sound.Replace("hidden-size: 32", "hidden-size: 2000000000", StringComparison.Ordinal)));

        Assert.Contains("hidden-size is 2000000000", Assert.Single(error.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void A_chat_template_beside_a_tokenizer_that_has_its_own_is_refused()
    {
        string text = Sound.Replace(
            "tokenizer: { train-on: [a.jsonl], vocabulary-size: 300 }", "tokenizer: { path: . }\n    chat-template: a.jsonl", StringComparison.Ordinal);

        Assert.Contains("chat-template goes with", Assert.Single(Assert.Throws<RecipeException>(() => Parse(text)).Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void A_recipe_that_is_only_looked_at_needs_none_of_its_files()
    {
        string text = Sound.Replace("a.jsonl", "gone.jsonl", StringComparison.Ordinal);

        Assert.Throws<RecipeException>(() => Parse(text));
        Assert.Equal("small", RecipeFile.Parse(text, "recipe", folder, needFiles: false).Recipe.Name);
    }

    private RecipeFile Parse(string text) => RecipeFile.Parse(text, "recipe.yaml", folder);
}

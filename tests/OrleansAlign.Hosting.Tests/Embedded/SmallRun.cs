using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Core.Runs;
using OrleansAlign.Hosting.Embedded;

namespace OrleansAlign.Hosting.Tests.Embedded;

/// <summary>A run that ends in seconds: copy a word, prefer the shorter of two answers.</summary>
internal sealed class SmallRun : IDisposable
{
    public const string Recipe = """
        name: small
        model:
          new:
            hidden-size: 16
            intermediate-size: 32
            layers: 2
            heads: 2
            key-value-heads: 1
            context-length: 64
            tokenizer: { train-on: [demonstrations.jsonl], vocabulary-size: 290 }
        judge:
          principles: [short]
          templates: { short: { user: "{context} A {response_a} B {response_b}", assistant: "", decisions: [A, B] } }
        stages:
          - judge-sft: { demonstrations: demonstrations.jsonl, preferences: preferences.jsonl, steps: 30, batch: 8, learning-rate: 5e-3, checkpoint-every: 7 }
          - self-judge:
              prompts: prompts.jsonl
              rounds: 2
              prompts-per-round: 70
              candidates: 3
              sampling: { max-new-tokens: 8 }
              pairing: { rule: all-decided }
              batch: 16
              learning-rate: 1e-3
              checkpoint-every: 3
        evaluation: { prompts: heldout.jsonl, preferences: preferences.jsonl, sampling: { max-new-tokens: 8 } }
        """;

    private static readonly string[] Words = ["red", "blue", "green", "gold"];

    public SmallRun()
    {
        Folder = Directory.CreateTempSubdirectory("align-run-").FullName;
        Write("demonstrations.jsonl", i => $$"""{"prompt": "say {{Word(i)}}", "completion": "{{(i % 3 == 0 ? Word(i) + " " + Word(i + 1) : Word(i))}}"}""", 60);
        Write("preferences.jsonl", i => $$"""{"prompt": "say {{Word(i)}}", "chosen": "{{Word(i)}}", "rejected": "{{Word(i)}} {{Word(i + 2)}}"}""", 24);
        Write("prompts.jsonl", i => $$"""{"id": "p{{i}}", "prompt": "say {{Word(i)}}"}""", 50);
        Write("heldout.jsonl", i => $$$"""{"prompt": "say {{{Word(i)}}}", "check": {"kind": "exact", "answer": "{{{Word(i)}}}"}}""", 20);
    }

    public string Folder { get; }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    /// <summary>Starts a run in a folder of its own and works on it until it ends or is cancelled.</summary>
    public async Task<string> RunAsync(string runs, int threads, IProgress<RunEvent>? progress = null, string recipe = Recipe, CancellationToken cancel = default)
    {
        await using EmbeddedRun run = await EmbeddedRun.CreateAsync(RecipeFile.Parse(recipe, "recipe", Folder), 5, Path.Combine(Folder, runs), "0.0.0", CancellationToken.None);
        return await run.ExecuteAsync(threads, progress ?? new Silent(), cancel);
    }

    public async Task<string> ResumeAsync(string runs, int threads, IProgress<RunEvent>? progress = null, CancellationToken cancel = default)
    {
        await using EmbeddedRun run = await EmbeddedRun.OpenAsync(Path.Combine(Folder, runs), "small-seed5", CancellationToken.None);
        return await run.ExecuteAsync(threads, progress ?? new Silent(), cancel);
    }

    /// <summary>Everything that the ledger has of a round's pairs, as text.</summary>
    public async Task<string> PairsAsync(string runs)
    {
        await using EmbeddedRun run = await EmbeddedRun.OpenAsync(Path.Combine(Folder, runs), "small-seed5", CancellationToken.None);
        List<string> lines = [];
        foreach (int round in new[] { 1, 2 })
        {
            foreach (PairSetRow set in await run.Ledger.PairSetsAsync(1, round, 0, int.MaxValue)) lines.Add($"{set.Key} {string.Join(' ', set.Pairs)} {string.Join(' ', set.Matches)}");
        }

        return string.Join('\n', lines);
    }

    private static string Word(int i) => Words[i % Words.Length];

    private void Write(string name, Func<int, string> line, int count) => File.WriteAllLines(Path.Combine(Folder, name), Enumerable.Range(0, count).Select(line));

    private sealed class Silent : IProgress<RunEvent>
    {
        public void Report(RunEvent value)
        {
        }
    }
}

using System.Text.Json;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Client.Tests;

/// <summary>
/// The demo's promise at the size of a test: "say red" wants "red". Half of the demonstrations say another colour, so that there is room to improve; the
/// preferences are right; a model of thirty thousand weights learns both in seconds and then teaches itself.
/// </summary>
internal static class ColourWorld
{
    public const string Recipe = """
        name: colours
        model:
          new:
            hidden-size: 32
            intermediate-size: 64
            layers: 2
            heads: 2
            key-value-heads: 2
            context-length: 64
            deviation: 0.08
            tokenizer: { train-on: [demonstrations.jsonl], vocabulary-size: 300 }
        judge:
          principles: [right]
          templates: { right: { user: "{context} A {response_a} B {response_b}", assistant: "", decisions: [A, B] } }
        stages:
          - judge-sft:
              demonstrations: demonstrations.jsonl
              preferences: preferences.jsonl
              steps: 400
              batch: 64
              learning-rate: 5e-3
              schedule: cosine
              warm-up: 0.05
          - self-judge:
              prompts: prompts.jsonl
              rounds: 2
              prompts-per-round: 256
              candidates: 4
              sampling: { top-p: 1, max-new-tokens: 6 }
              bracket: round-robin
              pairing: { rule: all-decided, minimum-margin: 0.3 }
              batch: 16
              learning-rate: 5e-4
              warm-up: 0
              loss: { kind: sigmoid, beta: 0.5, sft-weight: 1 }
        evaluation: { prompts: heldout.jsonl, preferences: heldout-preferences.jsonl, sampling: { max-new-tokens: 6 } }
        """;

    private static readonly string[] Colours = ["red", "blue", "green", "gold"];

    /// <summary>Writes the data files that the recipe names.</summary>
    public static void Write(string folder)
    {
        Lines("demonstrations.jsonl", 400, (colour, draw) =>
            new { prompt = $"say {colour}", completion = CounterRandom.Uniform(draw, 0) < 0.5 ? colour : Other(colour, draw) });
        Lines("preferences.jsonl", 200, (colour, draw) => new { prompt = $"say {colour}", chosen = colour, rejected = Other(colour, draw) });
        Lines("prompts.jsonl", 256, (colour, _) => new { prompt = $"say {colour}" });
        Lines("heldout.jsonl", 300, (colour, _) => new { prompt = $"say {colour}", check = new { kind = "exact", answer = colour } });
        Lines("heldout-preferences.jsonl", 100, (colour, draw) => new { prompt = $"say {colour}", chosen = colour, rejected = Other(colour, draw) });

        void Lines(string name, int count, Func<string, ulong, object> row) => File.WriteAllLines(
            Path.Combine(folder, name),
            Enumerable.Range(0, count).Select(
                i => JsonSerializer.Serialize(row(Colours[i % Colours.Length], CounterRandom.Derive(CounterRandom.Derive(1, name), (ulong)i)))));
    }

    private static string Other(string colour, ulong draw)
    {
        string[] others = [.. Colours.Where(c => c != colour)];
        return others[CounterRandom.Integer(draw, 1, others.Length)];
    }
}

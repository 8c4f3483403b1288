namespace OrleansAlign.Tests;

/// <summary>A recipe with data that runs in seconds: copy a word, prefer the shorter of two answers.</summary>
internal static class SmallRecipe
{
    public const string Yaml = """
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

    /// <summary>The same model and data with other stages: the kind of the last one, whose options bring it to a few steps.</summary>
    public static string Of(string kind)
    {
        string stage = kind switch
        {
            "dpo" => "  - dpo: { preferences: preferences.jsonl, epochs: 2, batch: 8, accumulation: 1, learning-rate: 1e-3, checkpoint-every: 2 }",
            "self-play" => "  - self-play: { demonstrations: demonstrations.jsonl, rounds: 2, prompts-per-round: 40, sampling: { max-new-tokens: 8 }, "
                + "batch: 8, accumulation: 1, learning-rate: 1e-3, checkpoint-every: 2 }",
            "rule" => Judged("all-decided"),
            "rule-scores" => Judged("best-vs-worst-score"),
            _ => throw new ArgumentOutOfRangeException(nameof(kind)),
        };
        return With(stage, kind.StartsWith("rule", StringComparison.Ordinal));

        static string Judged(string rule) => "  - self-judge: { prompts: checked.jsonl, candidates: 3, sampling: { max-new-tokens: 8 }, "
            + $"pairing: {{ rule: {rule} }}, batch: 8, learning-rate: 1e-3 }}";
    }

    /// <summary>The same model and data with a short SFT stage and then the stage given.</summary>
    public static string With(string stage, bool judgedByRule = false)
    {
        const string Taught = "  - sft: { demonstrations: demonstrations.jsonl, steps: 20, batch: 8, learning-rate: 5e-3 }";
        string head = Yaml[..Yaml.IndexOf(judgedByRule ? "judge:" : "stages:", StringComparison.Ordinal)] + (judgedByRule ? "judge: { kind: rule }\n" : "");
        return $"{head}stages:\n{Taught}\n{stage}\nevaluation: {{ prompts: heldout.jsonl, sampling: {{ max-new-tokens: 8 }} }}\n";
    }

    private static readonly string[] Words = ["red", "blue", "green", "gold"];

    /// <summary>Writes the data files that the recipe names.</summary>
    public static void Write(string folder)
    {
        Lines("demonstrations.jsonl", i => $$"""{"prompt": "say {{Word(i)}}", "completion": "{{(i % 3 == 0 ? Word(i) + " " + Word(i + 1) : Word(i))}}"}""", 60);
        Lines("preferences.jsonl", i => $$"""{"prompt": "say {{Word(i)}}", "chosen": "{{Word(i)}}", "rejected": "{{Word(i)}} {{Word(i + 2)}}"}""", 24);
        Lines("prompts.jsonl", i => $$"""{"id": "p{{i}}", "prompt": "say {{Word(i)}}"}""", 50);
        Lines("checked.jsonl", i => $$$"""{"prompt": "say {{{Word(i)}}}", "check": {"kind": "regex", "pattern": "{{{Word(i)[1]}}}"}}""", 40);
        Lines("heldout.jsonl", i => $$$"""{"prompt": "say {{{Word(i)}}}", "check": {"kind": "exact", "answer": "{{{Word(i)}}}"}}""", 20);

        void Lines(string name, Func<int, string> line, int count) => File.WriteAllLines(Path.Combine(folder, name), Enumerable.Range(0, count).Select(line));
    }

    private static string Word(int i) => Words[i % Words.Length];
}

using System.Text;
using System.Text.Json;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Client.Demo;

/// <summary>A small world to align in: requests such as "Name 3 birds", and demonstrations of which most are careless.</summary>
/// <remarks>
/// Everything is a function of the seed, written in the JSONL formats that users' own data has. The rule that tells good answers from bad ones labels the
/// preference pairs and checks the held-out answers; self-training never sees it.
/// </remarks>
internal sealed class DemoWorld(ulong seed)
{
    private static readonly (string Category, string[] Items)[] Categories =
    [
        ("birds", ["owl", "hen", "crow", "swan", "duck", "hawk", "wren", "dove"]),
        ("fish", ["cod", "eel", "carp", "pike", "tuna", "bass", "trout", "perch"]),
        ("fruits", ["fig", "plum", "pear", "lime", "kiwi", "mango", "apple", "grape"]),
        ("tools", ["saw", "axe", "file", "drill", "spade", "wrench", "hammer", "chisel"]),
        ("colours", ["red", "blue", "teal", "pink", "gold", "black", "green", "brown"]),
        ("trees", ["oak", "elm", "ash", "pine", "beech", "birch", "cedar", "maple"]),
    ];

    private static readonly JsonSerializerOptions Json = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Fewest and most items asked for.</summary>
    public const int LeastItems = 2, MostItems = 4;

    /// <summary>Share of careless answers.</summary>
    public const double CarelessShare = 0.6;

    /// <summary>Probability of a slip per word, and of a wrong count, in a careful and in a careless answer.</summary>
    public const double CarefulSlips = 0.05, CarelessSlips = 0.5;

    /// <summary>Share of slips that are repetitions; the others are words of any category.</summary>
    public const double Repetitions = 0.2;

    /// <summary>Writes demonstrations.jsonl, preferences.jsonl, prompts.jsonl, heldout-prompts.jsonl and heldout-preferences.jsonl.</summary>
    public void Write(string folder, int demonstrations, int preferences, int prompts, int heldOut)
    {
        Directory.CreateDirectory(folder);
        WriteLines(Path.Combine(folder, "demonstrations.jsonl"), demonstrations, "demonstration", (draw, _) =>
        {
            Request request = Ask(draw);
            return new { prompt = request.Text, completion = Answer(request, draw.Derive("answer")) };
        });
        WriteLines(Path.Combine(folder, "preferences.jsonl"), preferences, "preference", (draw, _) => Preference(draw));
        WriteLines(Path.Combine(folder, "prompts.jsonl"), prompts, "prompt", (draw, i) => new { id = $"p{i}", prompt = Ask(draw).Text });
        WriteLines(Path.Combine(folder, "heldout-prompts.jsonl"), heldOut, "held-out prompt", (draw, i) =>
        {
            Request request = Ask(draw);
            return new
            {
                id = $"h{i}", prompt = request.Text,
                check = new { kind = "list", count = request.Count, allowed = Categories[request.Category].Items, separator = " " },
            };
        });
        WriteLines(Path.Combine(folder, "heldout-preferences.jsonl"), heldOut, "held-out preference", (draw, _) => Preference(draw));
    }

    /// <summary>The rule: how much of the request an answer fulfils; 1 is all of it and nothing else. Below 0 it does more harm than good.</summary>
    public static double Score(int category, int count, string answer)
    {
        string[] words = answer.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        int good = Math.Min(count, words.Distinct().Count(w => Categories[category].Items.Contains(w)));
        return (double)(good - (words.Length - good)) / count;
    }

    private static object Preference(Draws draw)
    {
        Request request = Ask(draw);
        for (ulong attempt = 0; ; attempt++)
        {
            string a = Answer(request, draw.Derive($"a{attempt}")), b = Answer(request, draw.Derive($"b{attempt}"));
            double scoreA = Score(request.Category, request.Count, a), scoreB = Score(request.Category, request.Count, b);
            if (scoreA == scoreB) continue;
            return new { prompt = request.Text, chosen = scoreA > scoreB ? a : b, rejected = scoreA > scoreB ? b : a };
        }
    }

    private static Request Ask(Draws draw)
    {
        int category = draw.Integer(Categories.Length), count = LeastItems + draw.Integer(MostItems - LeastItems + 1);
        return new Request(category, count, $"Name {count} {Categories[category].Category}");
    }

    /// <summary>A careful or a careless answer: each word may come from another category or be a repetition, and the count may be off by one.</summary>
    private static string Answer(Request request, Draws draw)
    {
        double slips = draw.Uniform() < CarelessShare ? CarelessSlips : CarefulSlips;
        int length = draw.Uniform() >= slips ? request.Count : Math.Max(1, request.Count + (draw.Integer(2) == 0 ? -1 : 1));
        List<string> words = [];
        while (words.Count < length)
        {
            double luck = draw.Uniform();
            if (luck < slips * Repetitions && words.Count > 0) words.Add(words[draw.Integer(words.Count)]);
            else if (luck < slips) words.Add(Pick(draw, draw.Integer(Categories.Length)));
            else
            {
                string[] unsaid = [.. Categories[request.Category].Items.Except(words)];
                words.Add(unsaid[draw.Integer(unsaid.Length)]);
            }
        }

        return string.Join(' ', words);
    }

    private static string Pick(Draws draw, int category) => Categories[category].Items[draw.Integer(Categories[category].Items.Length)];

    private void WriteLines(string path, int count, string purpose, Func<Draws, int, object> row)
    {
        var text = new StringBuilder();
        ulong purposeSeed = CounterRandom.Derive(CounterRandom.Derive(seed, "demo world"), purpose);
        for (int i = 0; i < count; i++)
        {
            text.Append(JsonSerializer.Serialize(row(new Draws(CounterRandom.Derive(purposeSeed, (ulong)i)), i), Json)).Append('\n');
        }

        File.WriteAllText(path, text.ToString());
    }

    private sealed record Request(int Category, int Count, string Text);

    /// <summary>One draw after another from a seed.</summary>
    private sealed class Draws(ulong seed)
    {
        private ulong counter;

        public double Uniform() => CounterRandom.Uniform(seed, counter++);

        public int Integer(int exclusiveMax) => CounterRandom.Integer(seed, counter++, exclusiveMax);

        public Draws Derive(string name) => new(CounterRandom.Derive(seed, name));
    }
}

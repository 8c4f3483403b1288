using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansAlign.Models.Chat;

namespace OrleansAlign.Core.Data;

/// <summary>How rated answers become preferences.</summary>
public sealed record RatedReading
{
    /// <summary>What the draws of worse answers derive from. Default 0.</summary>
    public ulong Seed { get; init; }

    /// <summary>One preference per principle, by that aspect's rating; empty: one by the mean of all. Default empty.</summary>
    public IReadOnlyList<string> Principles { get; init; } = [];
}

/// <summary>Reads training data: JSONL, one object a row, in the shapes that are commonly published.</summary>
/// <remarks>
/// Rows are streamed. With a <see cref="DataReport"/> broken rows are collected and left out; without one the first throws
/// <see cref="InvalidDataException"/> with file, line, value, rule and remedy. Every method also takes a stream with a name for its messages.
/// </remarks>
public static class DataFile
{
    /// <summary>Prompts: {"prompt": text or messages} or {"messages": […]} or {"instruction": text}, otherwise the turns
    /// that a preference row's two answers share.
    /// Optional: "id", "check" (object), "answer" (text or number: the exact answer), "meta" (object).</summary>
    public static IEnumerable<Prompt> Prompts(string path, DataReport? report = null) => Open(path, s => Prompts(s, path, report));

    /// <summary>Prompts from a stream.</summary>
    public static IEnumerable<Prompt> Prompts(Stream stream, string name, DataReport? report = null)
    {
        var ids = new RowIds("prompt");
        return JsonLines.Read(stream, name, report, row =>
        {
            IReadOnlyList<ChatMessage>? messages = PromptKey(row) is { } key ? row.PromptMessages(key) : PreferenceShapes.Prompt(row);
            if (messages is null) return (IEnumerable<Prompt>)[];
            JsonObject? check = row.Get("check") is { } given ? row.Object(given, "\"check\"") : Answer(row);
            return
            [
                new Prompt(ids.Next(row, RowIds.Content(messages)), messages)
                {
                    Check = (JsonObject?)check?.DeepClone(),
                    Source = row.Source,
                    Meta = row.Get("meta") is { } meta ? (JsonObject)row.Object(meta, "\"meta\"").DeepClone() : null,
                },
            ];
        });
    }

    /// <summary>Demonstrations: {"prompt": …, "completion": text or messages}, {"messages": […]} (every assistant turn is trained on), or the best of
    /// rated answers (<see cref="RatedPrompt"/>).</summary>
    public static IEnumerable<Demonstration> Demonstrations(string path, DataReport? report = null) =>
        Open(path, s => Demonstrations(s, path, report));

    /// <summary>Demonstrations from a stream.</summary>
    public static IEnumerable<Demonstration> Demonstrations(Stream stream, string name, DataReport? report = null)
    {
        var ids = new RowIds("demo");
        return JsonLines.Read(stream, name, report, row =>
        {
            if (row.Has("completions"))
            {
                if (RatedShape.Parse(row, ids).Demonstration() is { } best) return (IEnumerable<Demonstration>)[best];
                row.Skip("no answer has a rating");
                return [];
            }

            return DemonstrationShapes.Parse(row, ids) is { } demonstration ? [demonstration] : [];
        });
    }

    /// <summary>Preferences: {"prompt": …, "chosen", "rejected"} with texts or messages, HH dialogues {"chosen", "rejected"}, message lists that
    /// share their beginning, or rated answers (<see cref="RatedPrompt"/>). Optional: "principle", "chosen_rationale",
    /// "rejected_rationale".</summary>
    public static IEnumerable<PreferenceRow> Preferences(string path, DataReport? report = null, RatedReading? rated = null) =>
        Open(path, s => Preferences(s, path, report, rated));

    /// <summary>Preferences from a stream.</summary>
    public static IEnumerable<PreferenceRow> Preferences(Stream stream, string name, DataReport? report = null, RatedReading? rated = null)
    {
        var ids = new RowIds("pair");
        RatedReading reading = rated ?? new RatedReading();
        return JsonLines.Read(stream, name, report, row =>
        {
            if (!row.Has("completions")) return PreferenceShapes.Parse(row, ids) is { } pair ? [pair] : (IEnumerable<PreferenceRow>)[];
            RatedPrompt prompt = RatedShape.Parse(row, ids);
            PreferenceRow?[] pairs = reading.Principles.Count == 0
                ? [prompt.Preference(reading.Seed)]
                : [.. reading.Principles.Select(p => prompt.Preference(p, reading.Seed))];
            foreach (PreferenceRow? missing in pairs.Where(p => p is null)) row.Skip("no answer is rated strictly lower than the best");
            return pairs.OfType<PreferenceRow>();
        });
    }

    /// <summary>Contexts with ragged lists of responses: {"context" or "prompt": text or messages, "responses": [text, …]}.</summary>
    public static IEnumerable<ResponseSet> ResponseSets(string path, DataReport? report = null) => Open(path, s => ResponseSets(s, path, report));

    /// <summary>Response lists from a stream.</summary>
    public static IEnumerable<ResponseSet> ResponseSets(Stream stream, string name, DataReport? report = null)
    {
        var ids = new RowIds("set");
        return JsonLines.Read(stream, name, report, row =>
        {
            IReadOnlyList<ChatMessage> context = row.PromptMessages(row.Has("context") ? "context" : "prompt");
            JsonArray list = row.List(row.Get("responses"), "\"responses\"");
            if (list.Count == 0) throw row.Broken("\"responses\" is an empty list; it must hold at least one response");
            string[] responses = [.. list.Select((node, i) => row.Text(node, $"\"responses\"[{i}]"))];
            return (IEnumerable<ResponseSet>)[new ResponseSet(ids.Next(row, RowIds.Content(context).Concat(responses)), context, responses)];
        });
    }

    /// <summary>The key under which a row keeps its prompt; null if it has none of them.</summary>
    internal static string? PromptKey(Row row)
    {
        if (row.Has("prompt") && row.Has("messages")) throw row.Broken("the row has both \"prompt\" and \"messages\"; keep one");
        foreach (string key in (string[])["prompt", "messages", "instruction"])
        {
            if (row.Has(key)) return key;
        }

        return null;
    }

    private static IEnumerable<T> Open<T>(string path, Func<Stream, IEnumerable<T>> read)
    {
        FileStream stream;
        try
        {
            stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InvalidDataException($"{path}: there is no such file; give the path of a JSONL file", failure);
        }
        catch (UnauthorizedAccessException failure)
        {
            throw new InvalidDataException($"{path}: this is a folder or may not be read; give the path of a JSONL file", failure);
        }

        using (stream)
        {
            foreach (T item in read(stream)) yield return item;
        }
    }

    private static JsonObject? Answer(Row row)
    {
        if (row.Get("answer") is not { } node) return null;
        return node is JsonValue value && value.GetValueKind() == JsonValueKind.Number
            ? new JsonObject { ["kind"] = "number", ["answer"] = value.DeepClone() }
            : new JsonObject { ["kind"] = "exact", ["answer"] = row.Text(node, "\"answer\"") };
    }
}

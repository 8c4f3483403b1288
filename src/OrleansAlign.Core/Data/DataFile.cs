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
    /// <summary>Prompts: "prompt", "messages", ShareGPT's "conversations", "instruction" with "input" or "context", "question"; otherwise the turns
    /// that a preference row's two answers share.
    /// Optional: "id", "check" (object), "answer" (text or number: the exact answer), "meta" (object).</summary>
    public static IEnumerable<Prompt> Prompts(string path, DataReport? report = null, RowColumns? columns = null) =>
        Prompts(RowFile.Open(path, columns), report);

    /// <summary>Prompts from a stream.</summary>
    public static IEnumerable<Prompt> Prompts(Stream stream, string name, DataReport? report = null) => Prompts(RowFile.Of(stream, name), report);

    /// <summary>Demonstrations: a request ("prompt", "instruction" with "input" or "context", "question", …) with its answer ("completion",
    /// "response", "output", "answer"), {"messages": […]} or ShareGPT's {"conversations": […]} (every assistant turn is trained on, but for those of
    /// weight 0), or the best of rated answers (<see cref="RatedPrompt"/>).</summary>
    public static IEnumerable<Demonstration> Demonstrations(string path, DataReport? report = null, RowColumns? columns = null) =>
        Demonstrations(RowFile.Open(path, columns), report);

    /// <summary>Demonstrations from a stream.</summary>
    public static IEnumerable<Demonstration> Demonstrations(Stream stream, string name, DataReport? report = null) =>
        Demonstrations(RowFile.Of(stream, name), report);

    /// <summary>Preferences: a request with "chosen" and "rejected" as texts, messages or whole conversations, HH dialogues, message lists that
    /// share their beginning, or rated answers (<see cref="RatedPrompt"/>). Optional: "principle", "chosen_rationale",
    /// "rejected_rationale".</summary>
    public static IEnumerable<PreferenceRow> Preferences(
        string path, DataReport? report = null, RatedReading? rated = null, RowColumns? columns = null) =>
        Preferences(RowFile.Open(path, columns), report, rated);

    /// <summary>Preferences from a stream.</summary>
    public static IEnumerable<PreferenceRow> Preferences(Stream stream, string name, DataReport? report = null, RatedReading? rated = null) =>
        Preferences(RowFile.Of(stream, name), report, rated);

    /// <summary>Contexts with ragged lists of responses: {"context" or "prompt": text or messages, "responses": [text, …]}.</summary>
    public static IEnumerable<ResponseSet> ResponseSets(string path, DataReport? report = null) => ResponseSets(RowFile.Open(path, null), report);

    /// <summary>Response lists from a stream.</summary>
    public static IEnumerable<ResponseSet> ResponseSets(Stream stream, string name, DataReport? report = null) =>
        ResponseSets(RowFile.Of(stream, name), report);

    private static IEnumerable<Prompt> Prompts(IEnumerable<RowFile> files, DataReport? report)
    {
        var ids = new RowIds("prompt");
        return Read(files, report, row =>
        {
            RowShape shape = RowShape.Of(row, KnownShapes.Prompts, "a prompt");
            if ((shape.Request is null ? PreferenceShapes.Prompt(row, shape) : PromptShapes.Parse(row, shape)) is not { } messages)
                return (IEnumerable<Prompt>)[];
            JsonObject? check = row.Get("check") is { } given ? row.Object(given, "\"check\"") : Answer(row);
            return
            [
                new Prompt(ids.Next(row, RowIds.Content(messages)), messages)
                {
                    Check = (JsonObject?)check?.DeepClone(),
                    Source = row.Source,
                    Variables = RowVariables.Of(row),
                    Meta = row.Get("meta") is { } meta ? (JsonObject)row.Object(meta, "\"meta\"").DeepClone() : null,
                },
            ];
        });
    }

    private static IEnumerable<Demonstration> Demonstrations(IEnumerable<RowFile> files, DataReport? report)
    {
        var ids = new RowIds("demo");
        return Read(files, report, row =>
        {
            RowShape shape = RowShape.Of(row, KnownShapes.Demonstrations, "a demonstration");
            if (shape.Answers is not ["completions"]) return DemonstrationShapes.Parse(row, shape, ids) is { } demonstration ? [demonstration] : [];
            if (RatedShape.Parse(row, shape, ids).Demonstration() is { } best) return (IEnumerable<Demonstration>)[best];
            row.Skip("no answer has a rating");
            return [];
        });
    }

    private static IEnumerable<PreferenceRow> Preferences(IEnumerable<RowFile> files, DataReport? report, RatedReading? rated)
    {
        var ids = new RowIds("pair");
        RatedReading reading = rated ?? new RatedReading();
        return Read(files, report, row =>
        {
            RowShape shape = RowShape.Of(row, KnownShapes.Preferences, "a preference");
            if (shape.Answers is not ["completions"]) return PreferenceShapes.Parse(row, shape, ids) is { } pair ? [pair] : (IEnumerable<PreferenceRow>)[];
            RatedPrompt prompt = RatedShape.Parse(row, shape, ids);
            PreferenceRow?[] pairs = reading.Principles.Count == 0
                ? [prompt.Preference(reading.Seed)]
                : [.. reading.Principles.Select(p => prompt.Preference(p, reading.Seed))];
            foreach (PreferenceRow? missing in pairs.Where(p => p is null)) row.Skip("no answer is rated strictly lower than the best");
            return pairs.OfType<PreferenceRow>();
        });
    }

    private static IEnumerable<ResponseSet> ResponseSets(IEnumerable<RowFile> files, DataReport? report)
    {
        var ids = new RowIds("set");
        return Read(files, report, row =>
        {
            RowShape shape = RowShape.Of(row, KnownShapes.ResponseSets, "a list of responses");
            IReadOnlyList<ChatMessage> context = Conversations.Awaiting(row, shape);
            if (RowVariables.Of(row) is not null) throw row.Broken("the row has variables of the chat template, which judging does not use; remove them");
            JsonArray list = row.List(row.Get("responses"), "\"responses\"");
            if (list.Count == 0) throw row.Broken("\"responses\" is an empty list; it must hold at least one response");
            string[] responses = [.. list.Select((node, i) => row.Text(node, $"\"responses\"[{i}]"))];
            return (IEnumerable<ResponseSet>)[new ResponseSet(ids.Next(row, RowIds.Content(context).Concat(responses)), context, responses)];
        });
    }

    private static IEnumerable<T> Read<T>(IEnumerable<RowFile> files, DataReport? report, Func<Row, IEnumerable<T>> parse) =>
        files.SelectMany(file => file.Read(report, parse));

    private static JsonObject? Answer(Row row)
    {
        if (row.Get("answer") is not { } node) return null;
        return node is JsonValue value && value.GetValueKind() == JsonValueKind.Number
            ? new JsonObject { ["kind"] = "number", ["answer"] = value.DeepClone() }
            : new JsonObject { ["kind"] = "exact", ["answer"] = row.Text(node, "\"answer\"") };
    }
}

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansAlign.Models.Chat;

namespace OrleansAlign.Core.Data;

/// <summary>The shape of a row of rated answers, after UltraFeedback's.</summary>
internal static class RatedShape
{
    // "principle" and "critique" tell how UltraFeedback made and rated an answer.
    private static readonly string[] Known = ["response", "custom_system_prompt", "annotations", "ratings", "principle", "critique", "fine_grained_score"];

    public static RatedPrompt Parse(Row row, RowShape shape, RowIds ids)
    {
        IReadOnlyList<ChatMessage> prompt = Conversations.Awaiting(row, shape);
        JsonArray list = row.List(row.Get("completions"), "\"completions\"");
        if (list.Count == 0) throw row.Broken("\"completions\" is an empty list; it must hold at least one answer");
        RatedAnswer[] responses = [.. list.Select((node, i) => Response(row, row.Object(node, $"\"completions\"[{i}]"), $"\"completions\"[{i}]"))];
        foreach (RatedAnswer answer in responses)
        {
            if (prompt[0].Role == "system" && !string.IsNullOrWhiteSpace(answer.SystemPrompt) && answer.SystemPrompt.Trim() != prompt[0].Content.Trim())
                throw row.Broken("the row's system message and an answer's \"custom_system_prompt\" contradict; keep one");
        }

        return new RatedPrompt(ids.Next(row, RowIds.Content(prompt).Concat(responses.Select(r => r.Response))), prompt, responses)
        {
            Variables = RowVariables.Of(row), Source = row.Source,
        };
    }

    private static RatedAnswer Response(Row row, JsonObject completion, string name)
    {
        foreach ((string key, JsonNode? value) in completion)
        {
            if (Known.Contains(key) || KnownKeys.IsMetadata(key) || !RowShape.CarriesText(value)) continue;
            throw row.Broken($"{name}.{key} has text that a rated answer does not use; rename or remove it");
        }

        string response = row.Text(completion["response"], $"{name}.response");
        string? system = completion["custom_system_prompt"] is { } given ? row.Text(given, $"{name}.custom_system_prompt") : null;
        var aspects = new SortedDictionary<string, AspectRating>(StringComparer.Ordinal);
        JsonNode? annotations = completion["annotations"] ?? completion["ratings"];
        if (annotations is not null)
        {
            foreach ((string aspect, JsonNode? node) in row.Object(annotations, $"{name}.annotations"))
                aspects[aspect] = Aspect(row, node, $"{name}.annotations.{aspect}");
        }

        return new RatedAnswer(response, system, aspects);
    }

    private static AspectRating Aspect(Row row, JsonNode? node, string name)
    {
        if (node is not JsonObject annotation) return new AspectRating(Number(row, node, name), null);
        JsonNode? rationale = annotation["Rationale"] ?? annotation["rationale"];
        string? text = rationale is null ? null : row.Text(rationale, $"{name}.Rationale");
        bool usable = !string.IsNullOrWhiteSpace(text) && !text.Contains("Text", StringComparison.Ordinal);
        return new AspectRating(Number(row, annotation["Rating"] ?? annotation["rating"], $"{name}.Rating"), usable ? text : null);
    }

    private static double? Number(Row row, JsonNode? node, string name)
    {
        if (node is null) return null;
        string text = node is JsonValue value && value.GetValueKind() == JsonValueKind.Number ? value.ToJsonString() : row.Text(node, name);
        // "N/A" and other remarks in place of a number mean that the aspect was not rated.
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double rating) && double.IsFinite(rating) ? rating : null;
    }
}

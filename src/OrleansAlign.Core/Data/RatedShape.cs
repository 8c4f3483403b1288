using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansAlign.Models.Chat;

namespace OrleansAlign.Core.Data;

/// <summary>The shape of a row of rated answers, after UltraFeedback's.</summary>
internal static class RatedShape
{
    public static RatedPrompt Parse(Row row, RowIds ids)
    {
        string key = DataFile.PromptKey(row) ?? throw row.Broken("the row has neither \"instruction\" nor \"prompt\"; one of them must be there");
        IReadOnlyList<ChatMessage> prompt = row.PromptMessages(key);
        JsonArray list = row.List(row.Get("completions"), "\"completions\"");
        if (list.Count == 0) throw row.Broken("\"completions\" is an empty list; it must hold at least one answer");
        RatedAnswer[] responses = [.. list.Select((node, i) => Response(row, row.Object(node, $"\"completions\"[{i}]"), $"\"completions\"[{i}]"))];
        return new RatedPrompt(ids.Next(row, RowIds.Content(prompt).Concat(responses.Select(r => r.Response))), prompt, responses);
    }

    private static RatedAnswer Response(Row row, JsonObject completion, string name)
    {
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

using System.Text.Json.Nodes;
using OrleansAlign.Models.Chat;

namespace OrleansAlign.Core.Data;

/// <summary>The shapes of a preference row.</summary>
internal static class PreferenceShapes
{
    /// <summary>Reads a row; null, with the reason counted, if nothing can be learnt from it.</summary>
    public static PreferenceRow? Parse(Row row, RowIds ids)
    {
        if (Split(row) is not var (prompt, chosen, rejected)) return null;
        string id = ids.Next(row, RowIds.Content(prompt).Concat([chosen, rejected]));
        if (string.IsNullOrWhiteSpace(chosen) || string.IsNullOrWhiteSpace(rejected)) row.Skip("an answer is empty");
        else if (chosen == rejected) row.Skip("chosen and rejected are equal");
        else
        {
            return new PreferenceRow(id, prompt, chosen, rejected)
            {
                Source = row.Source,
                Principle = row.OptionalText("principle"),
                ChosenRationale = row.OptionalText("chosen_rationale"),
                RejectedRationale = row.OptionalText("rejected_rationale"),
            };
        }

        return null;
    }

    /// <summary>The prompt alone; null, with the reason counted, if the two answers do not share one.</summary>
    public static IReadOnlyList<ChatMessage>? Prompt(Row row)
    {
        if (!row.Has("chosen") && !row.Has("rejected"))
            throw row.Broken("the row has no \"prompt\", \"messages\" or \"instruction\"; one of them must be there");
        return Split(row)?.Prompt;
    }

    private static (IReadOnlyList<ChatMessage> Prompt, string Chosen, string Rejected)? Split(Row row)
    {
        string? key = DataFile.PromptKey(row);
        JsonNode? chosen = row.Get("chosen"), rejected = row.Get("rejected");
        if (chosen is JsonArray chosenList && rejected is JsonArray rejectedList)
        {
            IReadOnlyList<ChatMessage> a = row.Messages(chosenList, "\"chosen\""), b = row.Messages(rejectedList, "\"rejected\"");
            if (key is null || a.Count > 1 || b.Count > 1) return Shared(row, a, b);
            if (a[0].Role != "assistant" || b[0].Role != "assistant")
                throw row.Broken("\"chosen\" and \"rejected\" must end with the assistant's message");
            return (row.PromptMessages(key), a[0].Content, b[0].Content);
        }

        string chosenText = row.Text(chosen, "\"chosen\""), rejectedText = row.Text(rejected, "\"rejected\"");
        if (key is not null) return (row.PromptMessages(key), chosenText, rejectedText);
        return Shared(row, Dialogue(row, chosenText, "chosen"), Dialogue(row, rejectedText, "rejected"));
    }

    private static IReadOnlyList<ChatMessage> Dialogue(Row row, string text, string key) => HhDialogue.Parse(text) ?? throw row.Broken(
        $"\"{key}\" is no dialogue of turns \"\\n\\nHuman: …\" and \"\\n\\nAssistant: …\"; give a \"prompt\", or such a dialogue");

    private static (IReadOnlyList<ChatMessage> Prompt, string Chosen, string Rejected)? Shared(
        Row row, IReadOnlyList<ChatMessage> chosen, IReadOnlyList<ChatMessage> rejected)
    {
        if (chosen[^1].Role != "assistant" || rejected[^1].Role != "assistant")
            throw row.Broken("\"chosen\" and \"rejected\" must end with the assistant's message");
        if (chosen.Count < 2 || rejected.Count < 2)
            throw row.Broken("\"chosen\" and \"rejected\" have no message before the answer; give a \"prompt\"");
        bool same = chosen.Count == rejected.Count;
        for (int i = 0; same && i < chosen.Count - 1; i++) same = (chosen[i].Role, chosen[i].Content) == (rejected[i].Role, rejected[i].Content);
        if (same) return ([.. chosen.Take(chosen.Count - 1)], chosen[^1].Content, rejected[^1].Content);
        row.Skip("the two conversations differ before their last turn");
        return null;
    }
}

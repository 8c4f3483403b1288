using System.Text.Json.Nodes;
using OrleansAlign.Models.Chat;

namespace OrleansAlign.Core.Data;

/// <summary>The shapes of a demonstration row.</summary>
internal static class DemonstrationShapes
{
    /// <summary>Reads a row; null, with the reason counted, if its answer is empty.</summary>
    public static Demonstration? Parse(Row row, RowIds ids)
    {
        string key = DataFile.PromptKey(row)
            ?? throw row.Broken("the row has neither \"messages\" nor \"prompt\" and \"completion\"; a demonstration must have the one or the other");
        IReadOnlyList<ChatMessage> messages;
        int trainedFrom = 0;
        if (key == "messages")
        {
            if (row.Has("completion")) throw row.Broken("the row has both \"messages\" and \"completion\"; keep one");
            messages = row.Conversation(key);
        }
        else
        {
            IReadOnlyList<ChatMessage> prompt = row.PromptMessages(key);
            JsonNode? completion = row.Get("completion") ?? row.Get("response");
            IReadOnlyList<ChatMessage> answer = completion is JsonArray list
                ? row.Messages(list, "\"completion\"")
                : [new ChatMessage("assistant", row.Text(completion, "\"completion\""))];
            trainedFrom = prompt.Count;
            messages = [.. prompt, .. answer];
        }

        if (messages[^1].Role != "assistant")
            throw row.Broken($"the conversation ends with a message of role '{messages[^1].Role}'; a demonstration must end with the assistant's");
        if (messages.Count < 2) throw row.Broken("the conversation has no message before the assistant's; a demonstration must have one");
        IEnumerable<int> turns = Enumerable.Range(trainedFrom, messages.Count - trainedFrom);
        int[] trained = [.. turns.Where(i => messages[i].Role == "assistant" && messages[i].Content.Length > 0)];
        string id = ids.Next(row, RowIds.Content(messages));
        if (!string.IsNullOrWhiteSpace(messages[^1].Content) || messages[^1].Extra is not null) return new Demonstration(id, messages, trained) { Source = row.Source };
        row.Skip("the answer is empty");
        return null;
    }
}

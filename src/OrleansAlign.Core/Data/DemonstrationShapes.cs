using OrleansAlign.Models.Chat;

namespace OrleansAlign.Core.Data;

/// <summary>Reads demonstration rows.</summary>
internal static class DemonstrationShapes
{
    /// <summary>Reads a row; null, with the reason counted, if there is nothing in it to train.</summary>
    public static Demonstration? Parse(Row row, RowShape shape, RowIds ids)
    {
        IReadOnlyList<ReadMessage> turns = Conversations.Request(row, shape);
        int trainedFrom = 0;
        if (shape.Answers is [var key])
        {
            IReadOnlyList<ReadMessage> answer = Conversations.Answer(row, key, Conversations.IsDialogue(row, shape));
            (turns, trainedFrom) = Conversations.Join(row, shape, turns, answer, key);
            if (turns[^1].Message.Role == "assistant") _ = Conversations.Awaiting(row, shape, [.. turns.Take(trainedFrom)]);
        }
        else if (shape.Request == "messages")
        {
            turns = Conversations.Witnessed(row, turns, "messages", "prompt");
        }

        ChatMessage[] messages = [.. turns.Select(turn => turn.Message)];
        if (messages[^1].Role != "assistant")
            throw row.Broken($"the conversation ends with a message of role '{messages[^1].Role}'; a demonstration must end with the assistant's");
        if (messages.Length < 2) throw row.Broken("the conversation has no message before the assistant's; a demonstration must have one");
        int[] answers = [.. Enumerable.Range(trainedFrom, messages.Length - trainedFrom).Where(i => messages[i].Role == "assistant" && Says(messages[i]))];
        int[] trained = [.. answers.Where(i => turns[i].Trained)];
        var demonstration = new Demonstration(ids.Next(row, RowIds.Content(messages)), messages, trained)
        {
            Source = row.Source, Variables = RowVariables.Of(row),
        };
        if (string.IsNullOrWhiteSpace(messages[^1].Content) && !SaysBeside(messages[^1])) row.Skip("the answer is empty");
        else if (trained.Length == 0) row.Skip("every answer has the weight 0");
        else return demonstration;
        return null;
    }

    private static bool Says(ChatMessage message) => message.Content.Length > 0 || SaysBeside(message);

    /// <summary>Whether a message says something beside its content, which the template writes.</summary>
    private static bool SaysBeside(ChatMessage message) =>
        MessageReader.CallsTools(message.Extra) || RowShape.CarriesText(message.Extra?["reasoning_content"]);
}

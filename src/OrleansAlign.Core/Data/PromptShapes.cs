using System.Text.Json.Nodes;
using OrleansAlign.Models.Chat;

namespace OrleansAlign.Core.Data;

/// <summary>Reads prompt rows that have a request of their own.</summary>
internal static class PromptShapes
{
    /// <summary>The conversation that awaits an answer.</summary>
    public static IReadOnlyList<ChatMessage> Parse(Row row, RowShape shape)
    {
        // Where two lists of messages are compared, the turns that they share belong to the prompt.
        if (row.Get("chosen") is JsonArray && row.Get("rejected") is JsonArray && PreferenceShapes.Prompt(row, shape, tell: false) is { } shared) return shared;
        IReadOnlyList<ReadMessage> turns = Conversations.Request(row, shape);
        if (shape.Request == "prompt" && RowShape.CarriesText(row.Get("messages")))
        {
            // Messages may go on with the answer to the prompt, which is not needed, but not with further requests.
            IReadOnlyList<ReadMessage> witnessed = Conversations.Witnessed(row, turns, "prompt", "messages", isBeginning: false);
            IReadOnlyList<ReadMessage> whole = MessagesOf(row);
            if (whole[^1].Message.Role is "user" or "tool" && whole.Count(IsTurn) > turns.Count(IsTurn))
                throw row.Broken("\"prompt\" and \"messages\" contradict: \"messages\" goes on with further turns; keep one");
            turns = witnessed;
        }

        return Conversations.Awaiting(row, shape, turns);
    }

    private static IReadOnlyList<ReadMessage> MessagesOf(Row row) => MessageReader.List(row, row.List(row.Get("messages"), "\"messages\""), "\"messages\"");

    private static bool IsTurn(ReadMessage turn) => turn.Message.Role is not ("system" or "developer");
}

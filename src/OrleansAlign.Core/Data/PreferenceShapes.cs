using OrleansAlign.Models.Chat;

namespace OrleansAlign.Core.Data;

/// <summary>Reads preference rows.</summary>
internal static class PreferenceShapes
{
    /// <summary>Reads a row; null, with the reason counted, if nothing can be learnt from it.</summary>
    public static PreferenceRow? Parse(Row row, RowShape shape, RowIds ids)
    {
        if (Split(row, shape) is not var (prompt, chosenTurn, rejectedTurn)) return null;
        string chosen = Text(row, chosenTurn, "chosen"), rejected = Text(row, rejectedTurn, "rejected");
        string id = ids.Next(row, RowIds.Content(prompt).Concat([chosen, rejected]));
        var pair = new PreferenceRow(id, prompt, chosen, rejected)
        {
            Source = row.Source,
            Variables = RowVariables.Of(row),
            Principle = row.OptionalText("principle"),
            ChosenRationale = row.OptionalText("chosen_rationale"),
            RejectedRationale = row.OptionalText("rejected_rationale"),
        };
        if (string.IsNullOrWhiteSpace(chosen) || string.IsNullOrWhiteSpace(rejected)) row.Skip("an answer is empty");
        else if (chosen == rejected) row.Skip("chosen and rejected are equal");
        else return pair;
        return null;
    }

    /// <summary>The prompt alone; null, with the reason counted, if the two answers do not share one.</summary>
    /// <param name="row">The row.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="tell">Whether the reason is counted.</param>
    public static IReadOnlyList<ChatMessage>? Prompt(Row row, RowShape shape, bool tell = true) => Split(row, shape, tell)?.Prompt;

    private static (IReadOnlyList<ChatMessage> Prompt, ChatMessage Chosen, ChatMessage Rejected)? Split(Row row, RowShape shape, bool tell = true)
    {
        bool dialogue = Conversations.IsDialogue(row, shape);
        IReadOnlyList<ReadMessage> chosen = Conversations.Answer(row, "chosen", dialogue), rejected = Conversations.Answer(row, "rejected", dialogue);
        if (chosen[^1].Message.Role != "assistant" || rejected[^1].Message.Role != "assistant")
            throw row.Broken("\"chosen\" and \"rejected\" must end with the assistant's message");
        if (shape.Request is null)
        {
            if (chosen.Count < 2 || rejected.Count < 2)
            {
                throw row.Broken("\"chosen\" and \"rejected\" have no message before the answer; give a \"prompt\", messages, or dialogues of turns "
                    + "\"\\n\\nHuman: …\" and \"\\n\\nAssistant: …\"");
            }

            (chosen, rejected) = (Conversations.UnderSystem(row, chosen), Conversations.UnderSystem(row, rejected));
        }
        else
        {
            IReadOnlyList<ReadMessage> request = Conversations.Request(row, shape);
            if (shape.Request is "messages" or "conversations" && Repeats(request, chosen)) request = [.. request.SkipLast(1)];
            chosen = Conversations.Join(row, shape, request, chosen, "chosen").Turns;
            rejected = Conversations.Join(row, shape, request, rejected, "rejected").Turns;
        }

        if (shape.Request == "prompt")
        {
            IReadOnlyList<ReadMessage> whole = Conversations.Witnessed(row, chosen, "chosen", "messages");
            if (whole.Count > chosen.Count) (chosen, rejected) = (whole, [whole[0], .. rejected]);
        }

        bool same = chosen.Count == rejected.Count;
        for (int i = 0; same && i < chosen.Count - 1; i++) same = Conversations.Same(chosen[i].Message, rejected[i].Message);
        if (!same)
        {
            if (tell) row.Skip("the two conversations differ before their last turn");
            return null;
        }

        if (chosen.Count < 2 || chosen[^2].Message.Role is not ("user" or "tool"))
        {
            string role = chosen.Count < 2 ? "none" : chosen[^2].Message.Role;
            throw row.Broken($"the message before the answers has the role '{role}'; a prompt must end with the user's");
        }

        return ([.. chosen.SkipLast(1).Select(turn => turn.Message)], chosen[^1].Message, rejected[^1].Message);
    }

    /// <summary>Whether the last turn of a whole conversation is that of the chosen answer.</summary>
    private static bool Repeats(IReadOnlyList<ReadMessage> whole, IReadOnlyList<ReadMessage> chosen) =>
        whole.Count > 1 && Conversations.Same(whole[^1].Message, chosen[^1].Message);

    private static string Text(Row row, ChatMessage answer, string key)
    {
        string? field = answer.Extra?.Where(f => f.Key == "content" || RowShape.CarriesText(f.Value)).Select(f => f.Key).FirstOrDefault();
        return field is null
            ? answer.Content
            : throw row.Broken($"the answer of \"{key}\" has \"{(field == "content" ? "tool_calls" : field)}\"; preferences compare texts: "
                + "write it into the content as the model would, or remove the row");
    }
}

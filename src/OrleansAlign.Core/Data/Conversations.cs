using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansAlign.Models.Chat;

namespace OrleansAlign.Core.Data;

/// <summary>Reads the conversations of a row: its request, its answers, and how they join.</summary>
internal static class Conversations
{
    /// <summary>The request of a row under its system message: all that precedes the answers, as far as it is not repeated in them.</summary>
    public static IReadOnlyList<ReadMessage> Request(Row row, RowShape shape)
    {
        string key = shape.Request!;
        IReadOnlyList<ReadMessage> turns = key == "instruction" ? Instruction(row, shape) : Turns(row, row.Get(key), $"\"{key}\"");
        return UnderSystem(row, turns);
    }

    /// <summary>A request that awaits an answer.</summary>
    public static IReadOnlyList<ChatMessage> Awaiting(Row row, RowShape shape) => Awaiting(row, shape, Request(row, shape));

    /// <summary>Requires that a request awaits an answer.</summary>
    public static IReadOnlyList<ChatMessage> Awaiting(Row row, RowShape shape, IReadOnlyList<ReadMessage> turns)
    {
        string role = turns[^1].Message.Role;
        return role is "user" or "tool"
            ? [.. turns.Select(turn => turn.Message)]
            : throw row.Broken($"\"{shape.Request}\" ends with a message of role '{role}'; a prompt must end with the user's: remove what follows it");
    }

    /// <summary>An answer: text, a dialogue as HH has it, a message, or messages. Texts that follow a dialogue lose the white space around them.</summary>
    public static IReadOnlyList<ReadMessage> Answer(Row row, string key, bool afterDialogue)
    {
        JsonNode? node = row.Get(key);
        if (node is JsonArray list) return MessageReader.List(row, list, $"\"{key}\"");
        if (node is JsonObject message) return [MessageReader.One(row, message, $"\"{key}\"")];
        string text = row.Text(node, $"\"{key}\"");
        if (HhDialogue.Parse(text) is { } dialogue) return Plain(dialogue);
        return Plain([new ChatMessage("assistant", afterDialogue ? text.Trim() : text)]);
    }

    /// <summary>Whether a row's request is a dialogue as HH has it.</summary>
    public static bool IsDialogue(Row row, RowShape shape) =>
        shape.Request is { } key && row.Get(key) is JsonValue value && value.GetValueKind() == JsonValueKind.String
        && HhDialogue.ParsePrompt(value.GetValue<string>()) is not null;

    /// <summary>A request followed by an answer, the turns that both have counted once.</summary>
    /// <exception cref="InvalidDataException">The answer can neither follow the request nor repeat it.</exception>
    /// <returns>The conversation, and the number of turns before the answer's own.</returns>
    public static (IReadOnlyList<ReadMessage> Turns, int Before) Join(
        Row row, RowShape shape, IReadOnlyList<ReadMessage> request, IReadOnlyList<ReadMessage> answer, string key)
    {
        // A system turn that only the answer has belongs before the request.
        bool opens = IsSystem(answer[0]) && (!IsSystem(request[0]) || Same(answer[0], request[0]));
        IReadOnlyList<ReadMessage> first = opens && !IsSystem(request[0]) ? [answer[0], .. request] : request;
        for (int shared = Math.Min(first.Count, answer.Count); shared > 0; shared--)
        {
            bool same = true;
            for (int i = 0; same && i < shared; i++) same = Same(first[first.Count - shared + i], answer[i]);
            if (same) return ([.. first, .. answer.Skip(shared)], first.Count);
        }

        bool follows = request[^1].Message.Role is "user" or "tool" ? answer[0].Message.Role == "assistant" : answer[0].Message.Role is "user" or "tool";
        return follows
            ? ([.. request, .. answer], request.Count)
            : throw row.Broken($"\"{shape.Request}\" and \"{key}\" contradict: \"{key}\" begins with a message of role '{answer[0].Message.Role}' that is not "
                + $"the one of \"{shape.Request}\"; give the same turns in both, or the answer alone");
    }

    /// <summary>
    /// Checks that a second key tells the beginning of a conversation, and takes the system message that only the second key has.
    /// </summary>
    /// <param name="row">The row.</param>
    /// <param name="turns">The conversation.</param>
    /// <param name="of">Name of the conversation's key.</param>
    /// <param name="key">The second key, which may be absent or empty.</param>
    /// <param name="isBeginning">Whether <paramref name="turns"/> may go on after the second key's turns; otherwise the second may go on too.</param>
    public static IReadOnlyList<ReadMessage> Witnessed(Row row, IReadOnlyList<ReadMessage> turns, string of, string key, bool isBeginning = true)
    {
        if (!RowShape.CarriesText(row.Get(key))) return turns;
        IReadOnlyList<ReadMessage> other = Turns(row, row.Get(key), $"\"{key}\"");
        ReadMessage[] mine = [.. turns.SkipWhile(IsSystem)], theirs = [.. other.SkipWhile(IsSystem)];
        int common = Math.Min(mine.Length, theirs.Length);
        bool agree = (mine.Length >= theirs.Length || !isBeginning) && mine.Take(common).Zip(theirs).All(pair => Same(pair.First, pair.Second));
        if (agree && IsSystem(other[0])) agree = !IsSystem(turns[0]) || Same(turns[0], other[0]);
        if (!agree) throw row.Broken($"\"{key}\" and \"{of}\" contradict; keep one, or let \"{key}\" repeat the turns of \"{of}\"");
        return IsSystem(other[0]) && !IsSystem(turns[0]) ? [other[0], .. turns] : turns;
    }

    /// <summary>A conversation under the row's system message, if it has one.</summary>
    public static IReadOnlyList<ReadMessage> UnderSystem(Row row, IReadOnlyList<ReadMessage> turns)
    {
        foreach (string key in KnownKeys.System)
        {
            if (row.OptionalText(key) is not { } system || string.IsNullOrWhiteSpace(system)) continue;
            var turn = new ReadMessage(new ChatMessage("system", system), true);
            if (!IsSystem(turns[0])) turns = [turn, .. turns];
            else if (!Same(turns[0], turn))
                throw row.Broken($"\"{key}\" contradicts another system message of the row, '{Short(turns[0].Message.Content)}'; keep one");
        }

        return turns;
    }

    /// <summary>Text, a dialogue as HH has it, or messages.</summary>
    private static IReadOnlyList<ReadMessage> Turns(Row row, JsonNode? node, string name)
    {
        if (node is JsonArray list) return MessageReader.List(row, list, name);
        if (node?.GetValueKind() != JsonValueKind.String)
            throw row.Broken($"{name} is {Row.Kind(node)}; it must be text or a list of messages {{\"role\", \"content\"}}");
        string text = row.Text(node, name);
        if (string.IsNullOrWhiteSpace(text)) throw row.Broken($"{name} is empty; give the text of the user's message");
        return Plain(HhDialogue.ParsePrompt(text) ?? [new ChatMessage("user", text)]);
    }

    /// <summary>An instruction with what it is about: "instruction\n\ncontext".</summary>
    private static IReadOnlyList<ReadMessage> Instruction(Row row, RowShape shape)
    {
        IReadOnlyList<ReadMessage> turns = Turns(row, row.Get("instruction"), "\"instruction\"");
        IEnumerable<string> beside = shape.Uses.Where(key => key is "input" or "context").Select(key => row.OptionalText(key) ?? "");
        string[] joined = [.. beside.Where(text => !string.IsNullOrWhiteSpace(text))];
        if (joined.Length > 0)
        {
            ChatMessage last = turns[^1].Message;
            if (last.Role != "user") throw row.Broken("\"instruction\" does not end with the user's message, to which \"input\" and \"context\" are joined");
            turns = [.. turns.SkipLast(1), new ReadMessage(last with { Content = string.Join("\n\n", [last.Content, .. joined]) }, true)];
        }

        // Alpaca repeats the whole row in "text".
        if (row.OptionalText("text") is { } text && !string.IsNullOrWhiteSpace(text))
        {
            string[] parts = [.. shape.Answers.Append("instruction").Append("input").Select(row.Get).OfType<JsonValue>()
                .Where(v => v.GetValueKind() == JsonValueKind.String).Select(v => v.GetValue<string>()).Where(part => !string.IsNullOrWhiteSpace(part))];
            if (parts.Length == 0 || !parts.All(part => text.Contains(part.Trim(), StringComparison.Ordinal)))
            {
                throw row.Broken("\"text\" does not repeat \"instruction\" and its answer, and nothing else reads it; "
                    + "rename it, map it with columns, or list it in ignore-columns");
            }
        }

        return turns;
    }

    private static bool IsSystem(ReadMessage turn) => turn.Message.Role is "system" or "developer";

    private static bool Same(ReadMessage a, ReadMessage b) => Same(a.Message, b.Message);

    /// <summary>Whether two turns say the same, but for white space around it.</summary>
    public static bool Same(ChatMessage a, ChatMessage b) =>
        a.Role == b.Role && a.Content.AsSpan().Trim().SequenceEqual(b.Content.AsSpan().Trim()) && JsonNode.DeepEquals(a.Extra, b.Extra);

    private static ReadMessage[] Plain(IEnumerable<ChatMessage> messages) => [.. messages.Select(message => new ReadMessage(message, true))];

    private static string Short(string text) => text.Length <= 40 ? text : text[..40] + "…";
}

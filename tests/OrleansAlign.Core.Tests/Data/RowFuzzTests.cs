using System.Text;
using System.Text.Json.Nodes;
using OrleansAlign.Core.Data;
using OrleansAlign.Models.Chat;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Core.Tests.Data;

public class RowFuzzTests
{
    private static readonly string[] Requests = ["prompt", "messages", "conversations", "instruction", "question", "input"];
    private static readonly string[] Answers = ["completion", "response", "output", "answer"];
    private static readonly string[] Others = ["context", "system", "system_prompt", "tools", "chat_template_kwargs", "principle", "notes", "text", "check"];

    [Fact]
    public void No_row_ends_in_another_exception_and_every_text_of_an_accepted_row_is_found_in_what_is_read()
    {
        int[] accepted = new int[3];
        for (ulong seed = 0; seed < 20_000; seed++)
        {
            JsonObject row = new Draws(seed).Row();
            string json = row.ToJsonString();
            foreach (Prompt prompt in DataFile.Prompts(Stream(json), "f", new DataReport()))
            {
                accepted[0]++;
                Said(row, Texts(prompt.Messages, prompt.Variables, prompt.Check),
                    ["completion", "response", "output", "chosen", "rejected", "principle", .. row["prompt"] is null ? (string[])[] : ["messages"],
                        .. row["check"] is null ? (string[])[] : ["answer"]]);
            }

            foreach (Demonstration demonstration in DataFile.Demonstrations(Stream(json), "f", new DataReport()))
            {
                accepted[1]++;
                bool isAnswer = !Answers[..^1].Any(key => row[key] is not null) && row["messages"] is null && row["conversations"] is null;
                Said(row, Texts(demonstration.Messages, demonstration.Variables), isAnswer ? ["check"] : ["answer", "check"]);
            }

            foreach (PreferenceRow pair in DataFile.Preferences(Stream(json), "f", new DataReport()))
            {
                accepted[2]++;
                Said(row, Texts(pair.Prompt, pair.Variables) + string.Join('\n', pair.Chosen, pair.Rejected, pair.Principle), ["answer", "check"]);
            }
        }

        Assert.All(accepted, count => Assert.True(count > 300, $"only {string.Join(", ", accepted)} rows were accepted"));
    }

    private static void Said(JsonObject row, string all, string[] notNeeded)
    {
        foreach (string word in row.Where(pair => !notNeeded.Contains(pair.Key)).SelectMany(pair => Words(pair.Value)))
            Assert.True(all.Contains(word, StringComparison.Ordinal), $"{word} of {row.ToJsonString()} is lost: {all}");
    }

    private static string Texts(IEnumerable<ChatMessage> messages, params JsonObject?[] others) => string.Join('\n', [
        .. messages.Select(m => $"{m.Content}\n{m.Extra?.ToJsonString()}"), .. others.Select(o => o?.ToJsonString() ?? ""), ""]);

    /// <summary>Words of a row; roles and types of parts are none.</summary>
    private static IEnumerable<string> Words(JsonNode? node) => node switch
    {
        JsonObject fields => fields.SelectMany(pair => Words(pair.Value)),
        JsonArray items => items.SelectMany(Words),
        JsonValue value when value.TryGetValue(out string? text) => text.Split(' ', '\n', '"').Where(word => word.StartsWith("word", StringComparison.Ordinal)),
        _ => [],
    };

    private static MemoryStream Stream(string text) => new(Encoding.UTF8.GetBytes(text));

    /// <summary>Draws rows of which every text has words of its own.</summary>
    private sealed class Draws(ulong seed)
    {
        private ulong count;

        public JsonObject Row()
        {
            JsonObject row = [];
            string request = One(Requests);
            if (Next(8) > 0) row[request] = Next(12) == 0 ? Anything(0) : Request(request);
            if (Next(3) == 0) row[One(Requests)] = Request(One(Requests));
            if (Next(2) == 0) row[One(Answers)] = Answer();
            if (Next(2) == 0) (row["chosen"], row["rejected"]) = (Answer(), Answer());
            for (int more = Next(3); more > 0; more--) row[One(Others)] = Next(3) == 0 ? null : Next(2) == 0 ? Word() : Anything(0);
            return row;
        }

        private JsonNode? Request(string key) => key is "messages" or "conversations" || Next(4) == 0 ? Messages(Next(2) == 0)
            : Next(5) == 0 ? $"\n\nHuman: {Word()}\n\nAssistant:" : Word();

        private JsonNode? Answer() => Next(10) switch
        {
            0 => Anything(0),
            1 => $"\n\nHuman: {Word()}\n\nAssistant: {Word()}",
            2 => Messages(endsWithAnswer: true),
            3 => new JsonArray(Message("assistant")),
            4 => Message("assistant"),
            _ => Word(),
        };

        private JsonArray Messages(bool endsWithAnswer)
        {
            JsonArray list = [];
            if (Next(4) == 0) list.Add(Message(One(["system", "developer", "alien", "tool"])));
            for (int turns = Next(2); turns > 0; turns--)
            {
                list.Add(Message("user"));
                list.Add(Message("assistant"));
            }

            list.Add(Message("user"));
            if (endsWithAnswer) list.Add(Message("assistant"));
            return list;
        }

        private JsonObject Message(string role)
        {
            JsonObject message = [];
            bool share = Next(4) == 0;
            message[share ? "from" : "role"] = share && role == "assistant" ? "gpt" : role;
            message[share ? "value" : "content"] = Next(15) switch
            {
                0 => null,
                1 => Anything(0),
                2 => new JsonArray(new JsonObject { ["type"] = "text", ["text"] = Word() }, new JsonObject { ["type"] = "text", ["text"] = Word() }),
                _ => Word(),
            };
            if (Next(6) == 0) message[One(["name", "tool_calls", "weight", "reasoning_content", "value"])] = Anything(0);
            return message;
        }

        private JsonNode? Anything(int depth) => Next(depth > 2 ? 6 : 9) switch
        {
            0 => null,
            1 => Next(3),
            2 => Next(2) == 0,
            3 => "",
            4 or 5 => Word(),
            6 => new JsonArray([.. Enumerable.Range(0, Next(3)).Select(_ => Anything(depth + 1))]),
            _ => new JsonObject(Enumerable.Range(0, Next(3)).Select(i => KeyValuePair.Create($"k{i}", Anything(depth + 1)))),
        };

        private string Word() => Next(9) == 0 ? $"word{seed}x{count} word{seed}y{count}" : $"word{seed}x{count}z";

        private string One(string[] of) => of[Next(of.Length)];

        private int Next(int exclusiveMax) => CounterRandom.Integer(seed, count++, exclusiveMax);
    }
}

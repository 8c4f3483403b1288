using System.Text;
using System.Text.Json.Nodes;
using OrleansAlign.Core.Data;
using OrleansAlign.Models.Chat;
using OrleansAlign.Tests;

namespace OrleansAlign.Core.Tests.Data;

public class RowShapeTests
{
    private const string U = """{"role": "user", "content": "u"}""", X = """{"role": "assistant", "content": "x"}""";
    private const string Y = """{"role": "assistant", "content": "y"}""", S = """{"role": "system", "content": "S"}""";

    [ReportFact]
    public void Published_rows_are_read_whole() => Assert.All(File.ReadLines(Reports.At("rows.jsonl")), line =>
    {
        JsonObject known = JsonNode.Parse(line)!.AsObject();
        string row = known["row"]!.ToJsonString();
        string expected = string.Join('|', known["conversation"]!.AsArray().Select(m => $"{m!["role"]}:{m["content"]}"));
        if ((string)known["as"]! == "demonstrations")
        {
            Assert.Equal(expected, Said(Demonstration(row).Messages));
            return;
        }

        PreferenceRow pair = Preference(row);
        Assert.Equal((expected, (string)known["chosen"]!, (string)known["rejected"]!), (Said(pair.Prompt), pair.Chosen, pair.Rejected));
    });

    [Theory]
    [InlineData("""{"instruction": "I", "input": "C", "output": "o"}""", "user:I\n\nC|assistant:o")]
    [InlineData("""{"instruction": "I", "input": "", "output": "o", "text": "Below: I\n### o"}""", "user:I|assistant:o")]
    [InlineData("""{"instruction": "I", "context": "C", "response": "o", "category": "closed_qa"}""", "user:I\n\nC|assistant:o")]
    [InlineData("""{"system_prompt": "P", "question": "q", "response": "o", "id": "flan.1"}""", "system:P|user:q|assistant:o")]
    [InlineData("""{"question": "q", "answer": "a"}""", "user:q|assistant:a")]
    [InlineData("""{"prompt": "q", "completion": "o", "answer": "a", "score": "8/10", "source_url": "http://x"}""", "user:q|assistant:o")]
    [InlineData("""{"conversations": [{"from": "system", "value": "S"}, {"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}]}""",
        "system:S|user:q|assistant:a")]
    [InlineData("""{"conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}], "system": "T"}""", "system:T|user:q|assistant:a")]
    [InlineData("""{"prompt": "\n\nHuman: q\n\nAssistant:", "completion": " a"}""", "user:q|assistant:a")]
    [InlineData($$"""{"prompt": "u", "prompt_id": "7", "messages": [{{U}}, {{X}}, {{U}}, {{Y}}]}""", "user:u|assistant:x|user:u|assistant:y")]
    [InlineData($$"""{"messages": [{{U}}, {{X}}], "system": "S", "notes": null, "empty": "", "n": 3, "list": [{}, [""]]}""", "system:S|user:u|assistant:x")]
    [InlineData($$"""{"messages": [{{S}}, {{U}}, {{X}}], "system": "S"}""", "system:S|user:u|assistant:x")]
    [InlineData("""{"messages": [{"role": "developer", "content": "d"}, {"role": "user", "content": [{"type": "text", "text": "a"}, """
        + """{"type": "text", "text": "b"}]}, {"role": "assistant", "content": "x", "weight": 1}]}""", "developer:d|user:ab|assistant:x")]
    public void Demonstrations_of_every_shape_keep_all_they_say(string row, string expected) => Assert.Equal(expected, Said(Demonstration(row).Messages));

    [Theory]
    [InlineData($$"""{"prompt": [{{S}}], "chosen": [{{U}}, {{X}}], "rejected": [{{U}}, {{Y}}]}""", "system:S|user:u")]
    [InlineData($$"""{"prompt": "u", "chosen": [{{S}}, {{U}}, {{X}}], "rejected": [{{S}}, {{U}}, {{Y}}]}""", "system:S|user:u")]
    [InlineData($$"""{"prompt": [{{U}}, {{Y}}, {{U}}], "chosen": [{{X}}], "rejected": [{{Y}}]}""", "user:u|assistant:y|user:u")]
    [InlineData($$"""{"prompt": "v", "chosen": [{{Y}}, {{U}}, {{X}}], "rejected": [{{Y}}, {{U}}, {{Y}}]}""", "user:v|assistant:y|user:u")]
    [InlineData($$"""{"prompt": "u", "system": "S", "chosen": "x", "rejected": "y", "chosen-rating": 4, "chosen-model": "m"}""", "system:S|user:u")]
    [InlineData($$"""{"system": "S", "question": "u", "chosen": "x", "rejected": "y"}""", "system:S|user:u")]
    [InlineData($$"""{"messages": [{{U}}], "chosen": {{X}}, "rejected": {{Y}} }""", "user:u")]
    [InlineData("""{"conversations": [{"from": "human", "value": "u"}], "chosen": {"from": "gpt", "value": "x"},"""
        + """ "rejected": {"from": "gpt", "value": "y"}}""", "user:u")]
    [InlineData($$"""{"prompt": "u", "messages": [{{S}}, {{U}}, {{X}}], "chosen": [{{U}}, {{X}}], "rejected": [{{U}}, {{Y}}]}""", "system:S|user:u")]
    [InlineData("""{"prompt": "\n\nHuman: u\n\nAssistant:", "chosen": "\n\nHuman: u\n\nAssistant: x", "rejected": "\n\nHuman: u\n\nAssistant: y"}""", "user:u")]
    [InlineData("""{"chosen": "\n\nHuman: u\n\nAssistant: x", "rejected": "\n\nHuman: u\n\nAssistant: y", "system": "S"}""", "system:S|user:u")]
    public void Preferences_of_every_shape_keep_their_prompt(string row, string expected)
    {
        PreferenceRow pair = Preference(row);
        Assert.Equal((expected, "x", "y"), (Said(pair.Prompt), pair.Chosen, pair.Rejected));
        Assert.Equal(expected, Said(Assert.Single(DataFile.Prompts(Stream(row), "f")).Messages));
    }

    [Theory]
    [InlineData("""{"prompt": "q", "completion": "a", "notes": "n"}""", "f.jsonl:1: \"notes\" has text")]
    [InlineData("""{"prompt": "q", "completion": "a", "sytem": "n"}""", "is it \"system\"?")]
    [InlineData("""{"prompt": "q", "completion": "a", "context": "n"}""", "\"context\" has text")]
    [InlineData("""{"prompt": "q", "completion": "a", "extra": {"deep": [1, ["n"]]}}""", "\"extra\" has text")]
    [InlineData("""{"prompt": "q", "completion": "a", "response": "b"}""", "\"response\" has text")]
    [InlineData($$"""{"messages": [{{U}}, {{X}}], "completion": "a"}""", "\"completion\" has text")]
    [InlineData($$"""{"messages": [{{U}}, {{X}}], "prompt": "v"}""", "\"prompt\" and \"messages\" contradict")]
    [InlineData($$"""{"messages": [{{S}}, {{U}}, {{X}}], "system": "T"}""", "\"system\" contradicts")]
    [InlineData("""{"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a", "weight": 0.5}]}""", "weight is 0.5; it must be 0")]
    [InlineData("""{"prompt": [{"role": "user", "content": [{"type": "image_url", "image_url": "x"}]}], "completion": "a"}""", "type is 'image_url'")]
    [InlineData("""{"conversations": [{"from": "alien", "value": "q"}]}""", "from is 'alien'")]
    [InlineData("""{"prompt": "q", "completion": "a", "tools": "[1"}""", "\"tools\" is text that is no list")]
    [InlineData("""{"prompt": "q", "completion": "a", "tools": [{"a": 1}], "chat_template_kwargs": {"tools": [{"a": 2}]}}""", "contradicts another value")]
    [InlineData("""{"instruction": "I", "output": "o", "text": "something else"}""", "\"text\" does not repeat")]
    [InlineData("""{"text": "t"}""", "the row has the keys \"text\"")]
    public void Text_that_would_be_lost_is_refused(string row, string part)
    {
        string message = Assert.Throws<InvalidDataException>(() => DataFile.Demonstrations(Stream(row), "f.jsonl").ToList()).Message;
        Assert.StartsWith("f.jsonl:1: ", message, StringComparison.Ordinal);
        Assert.Contains(part, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData($$"""{"prompt": "v", "chosen": [{{U}}, {{X}}], "rejected": [{{U}}, {{Y}}]}""", "\"prompt\" and \"chosen\" contradict")]
    [InlineData($$"""{"prompt": "u", "messages": [{{U}}, {{Y}}], "chosen": [{{U}}, {{X}}], "rejected": [{{U}}, {{Y}}]}""",
        "\"messages\" and \"chosen\" contradict")]
    [InlineData($$"""{"prompt": "u", "chosen": [{"role": "assistant", "content": null, "tool_calls": [{"a": 1}]}], "rejected": [{{Y}}]}""",
        "has \"tool_calls\"")]
    public void Preferences_that_contradict_themselves_are_refused(string row, string part) => Assert.Contains(
        part, Assert.Throws<InvalidDataException>(() => DataFile.Preferences(Stream(row), "f").ToList()).Message, StringComparison.Ordinal);

    [Fact]
    public void A_weight_of_0_is_not_trained()
    {
        const string Row = $$"""
            {"messages": [{{U}}, {"role": "assistant", "content": "x", "weight": 0}, {{U}}, {"role": "assistant", "content": "y", "weight": 1}]}
            """;
        Demonstration demonstration = Demonstration(Row);
        Assert.Equal([3], demonstration.TrainedTurns);
        Assert.All(demonstration.Messages, m => Assert.Null(m.Extra));
        var report = new DataReport();
        Assert.Empty(DataFile.Demonstrations(Stream($$"""{"messages": [{{U}}, {"role": "assistant", "content": "x", "weight": 0} ]}"""), "f", report));
        Assert.Equal(1, report.Skipped["every answer has the weight 0"]);
        Assert.Equal("f:1", Assert.Single(report.FirstSkipped("every answer has the weight 0")).ToString());
    }

    [Fact]
    public void Calls_of_tools_are_trained_and_tools_and_variables_reach_the_template()
    {
        Demonstration call = Demonstration($$"""
            {"messages": [{{U}}, {"role": "assistant", "content": null,
            "tool_calls": [{"function": {"name": "f", "arguments": {"a": 1, "b": null} } } ]}],
            "tools": "[{\"name\": \"f\"}]", "chat_template_kwargs": {"enable_thinking": false, "none": null} }
            """.ReplaceLineEndings(""));
        Assert.Equal([1], call.TrainedTurns);
        Assert.Equal("""{"tool_calls":[{"function":{"name":"f","arguments":{"a":1}}}],"content":null}""", call.Messages[1].Extra!.ToJsonString());
        Assert.Equal("""{"enable_thinking":false,"tools":[{"name":"f"}]}""", call.Variables!.ToJsonString());
        Assert.Equal("f:1", call.Source.ToString());
        const string Row = """{"prompt": "u", "chosen": "x", "rejected": "y", "tools": [{"name": "f"}]}""";
        Assert.Equal("""{"tools":[{"name":"f"}]}""", Preference(Row).Variables!.ToJsonString());
        Assert.Equal("""{"tools":[{"name":"f"}]}""", Assert.Single(DataFile.Prompts(Stream(Row), "f")).Variables!.ToJsonString());
    }

    [Fact]
    public void Null_counts_as_absent()
    {
        Demonstration row = Demonstration("""
            {"system": null, "tools": null, "id": null, "prompt": null, "messages": [{"role": "user", "content": "q", "name": null, "tool_calls": null},
            {"role": "assistant", "content": "a", "function_call": null, "weight": null}]}
            """.ReplaceLineEndings(""));
        Assert.Equal("user:q|assistant:a", Said(row.Messages));
        Assert.All(row.Messages, m => Assert.Null(m.Extra));
        Assert.Null(row.Variables);
        Assert.StartsWith("demo-", row.Id, StringComparison.Ordinal);
    }

    private static Demonstration Demonstration(string row) => Assert.Single(DataFile.Demonstrations(Stream(row.ReplaceLineEndings("")), "f"));

    private static PreferenceRow Preference(string row) => Assert.Single(DataFile.Preferences(Stream(row), "f"));

    private static string Said(IEnumerable<ChatMessage> messages) => string.Join('|', messages.Select(m => $"{m.Role}:{m.Content}"));

    private static MemoryStream Stream(string text) => new(Encoding.UTF8.GetBytes(text));
}

using System.Text;
using FsCheck;
using FsCheck.Fluent;
using OrleansAlign.Core.Data;

namespace OrleansAlign.Core.Tests.Data;

public class DataFileTests
{
    [Fact]
    public void Prompts_are_read_in_every_shape()
    {
        Prompt[] prompts = [.. DataFile.Prompts(Stream("""
            {"prompt": "Hi", "id": "first", "answer": "yo", "meta": {"a": 1}}

            {"prompt": [{"role": "system", "content": "S"}, {"role": "user", "content": "U", "name": "Ann"}], "answer": 4}
            {"messages": [{"role": "user", "content": "Hi"}], "id": 7, "check": {"kind": "regex", "pattern": "x"}}
            {"instruction": "Do"}
            {"chosen": "\n\nHuman: Q\n\nAssistant: a", "rejected": "\n\nHuman: Q\n\nAssistant: b"}
            """), "p.jsonl")];
        Assert.Equal(["first", "7"], [prompts[0].Id, prompts[2].Id]);
        Assert.Equal("""{"kind":"exact","answer":"yo"}""", prompts[0].Check!.ToJsonString());
        Assert.Equal("""{"a":1}""", prompts[0].Meta!.ToJsonString());
        Assert.Equal([("system", "S"), ("user", "U")], prompts[1].Messages.Select(m => (m.Role, m.Content)));
        Assert.Equal("""{"name":"Ann"}""", prompts[1].Messages[1].Extra!.ToJsonString());
        Assert.Equal("""{"kind":"number","answer":4}""", prompts[1].Check!.ToJsonString());
        Assert.Equal(["Hi", "Do", "Q"], prompts[2..].Select(p => Assert.Single(p.Messages).Content));
        Assert.Null(prompts[3].Check);
    }

    [Fact]
    public void Ids_come_from_content_not_from_place_and_repeats_are_numbered()
    {
        const string a = "{\"prompt\":\"a\"}\n", b = "{\"prompt\":\"b\"}\n";
        string[] ids = [.. DataFile.Prompts(Stream(a + b + a), "p").Select(p => p.Id)];
        string[] moved = [.. DataFile.Prompts(Stream("\n\n" + b + a), "p").Select(p => p.Id)];
        Assert.Equal([ids[1], ids[0]], moved);
        Assert.Equal(ids[0] + "-2", ids[2]);
        Assert.StartsWith("prompt-", ids[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"prompt": 3}""", "p.jsonl:1: \"prompt\" is a number; it must be text or a list of messages")]
    [InlineData("""{"prompt": ""}""", "\"prompt\" is empty")]
    [InlineData("""{"prompt": []}""", "empty list")]
    [InlineData("""{"prompt": [{"role": "user"}]}""", "\"prompt\"[0].content is missing or null; it must be text")]
    [InlineData("""{"prompt": [{"role": "bot", "content": "x"}]}""", "role is 'bot'; it must be one of system, user, assistant, tool")]
    [InlineData("""{"prompt": [{"role": "assistant", "content": "x"}]}""", "must end with the user's")]
    [InlineData("""{"prompt": ["x"]}""", "\"prompt\"[0] is text; it must be an object")]
    [InlineData("""{"prompt": "x", "messages": [{"role": "user", "content": "y"}]}""", "\"messages\" and \"prompt\" contradict")]
    [InlineData("""{"promt": "x"}""", "one of them must be there")]
    [InlineData("""{"prompt": "x", "check": "y"}""", "\"check\" is text; it must be an object")]
    [InlineData("""{"prompt": "x", "id": ""}""", "\"id\" is ''")]
    [InlineData("""{"prompt": "x", "prompt": "y"}""", "not JSON")]
    [InlineData("""["x"]""", "the row is not a JSON object")]
    [InlineData("""{"prompt": "x" """, "not JSON")]
    [InlineData("null", "the row is not a JSON object")]
    [InlineData("""{"prompt": "\ud800"}""", "half a surrogate pair")]
    [InlineData("""{"prompt": "x", "\udc00": 1}""", "p.jsonl:1: ")]
    [InlineData("", "the file has no rows")]
    [InlineData("\n  \n", "the file has no rows")]
    public void A_broken_row_says_file_line_value_rule_and_remedy(string text, string part)
    {
        string message = Assert.Throws<InvalidDataException>(() => DataFile.Prompts(Stream(text), "p.jsonl").ToList()).Message;
        Assert.StartsWith("p.jsonl", message, StringComparison.Ordinal);
        Assert.Contains(part, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Equal_ids_name_both_lines()
    {
        string text = """{"prompt": "x", "id": "q"}""" + "\n\n" + """{"prompt": "y", "id": "q"}""";
        string message = Assert.Throws<InvalidDataException>(() => DataFile.Prompts(Stream(text), "p.jsonl").ToList()).Message;
        Assert.Equal("p.jsonl:3: \"id\" is 'q', as in line 1; ids must differ", message);
    }

    [Fact]
    public void Bytes_that_are_not_utf8_are_told_and_a_byte_order_mark_is_let_pass()
    {
        byte[] good = [0xEF, 0xBB, 0xBF, .. "{\"prompt\": \"é\"}\r\n"u8];
        byte[] bad = [.. good, .. "{\"prompt\": \""u8, 0xE9, 0x22, 0x7D];
        Assert.Equal("é", Assert.Single(DataFile.Prompts(new MemoryStream(good), "p")).Messages[0].Content);
        var report = new DataReport();
        Assert.Single(DataFile.Prompts(new MemoryStream(bad), "p.jsonl", report));
        Assert.Equal(
            "p.jsonl:2: byte 13 of the line is not UTF-8; convert the file to UTF-8", Assert.Throws<InvalidDataException>(report.ThrowIfBroken).Message);
    }

    [Fact]
    public void A_report_collects_the_first_twenty_and_lets_the_rest_through()
    {
        var report = new DataReport();
        string text = string.Join('\n', Enumerable.Range(0, 60).Select(i => i % 2 == 0 ? $$"""{"prompt": "{{i}}"}""" : "{"));
        Assert.Equal(30, DataFile.Prompts(Stream(text), "p.jsonl", report).Count());
        string message = Assert.Throws<InvalidDataException>(report.ThrowIfBroken).Message;
        Assert.Contains("30 broken rows", message, StringComparison.Ordinal);
        Assert.EndsWith("and 10 more", message, StringComparison.Ordinal);
        Assert.Equal(22, message.Split('\n').Length);
        new DataReport().ThrowIfBroken();
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        string path = Path.Combine(AppContext.BaseDirectory, "no-such.jsonl");
        Assert.Contains(path, Assert.Throws<InvalidDataException>(() => DataFile.Prompts(path).ToList()).Message, StringComparison.Ordinal);
        string folder = Assert.Throws<InvalidDataException>(() => DataFile.Prompts(AppContext.BaseDirectory).ToList()).Message;
        Assert.Contains("folder", folder, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_bytes_are_rows_or_told_problems_and_nothing_else() => Prop.ForAll<byte[]>(bytes =>
    {
        byte[] row = [.. Encoding.UTF8.GetBytes("""{"prompt": "x", "chosen": ["""), .. bytes];
        foreach (byte[] input in (byte[][])[bytes, row])
        {
            var report = new DataReport();
            Assert.True(DataFile.Preferences(new MemoryStream(input), "f", report).Count() + report.Broken > 0);
        }
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_sound_row_cut_or_changed_anywhere_never_crashes()
    {
        byte[] sound = [.. """{"instruction":"Q","completions":[{"response":"a","annotations":{"x":{"Rating":"4","Rationale":"\u00e9"}}}]}"""u8];
        for (int i = 0; i < sound.Length; i++)
        {
            byte[] changed = [.. sound];
            changed[i] = "\"\\{[,:0ud}]"u8[i % 11];
            foreach (byte[] input in (byte[][])[changed, sound[..i]])
            {
                var report = new DataReport();
                _ = DataFile.Prompts(new MemoryStream(input), "f", report).Count();
                _ = DataFile.Demonstrations(new MemoryStream(input), "f", report).Count();
                _ = DataFile.ResponseSets(new MemoryStream(input), "f", report).Count();
                Assert.True(report.Broken > 0);
            }
        }
    }

    [Fact]
    public void Demonstrations_say_which_turns_are_trained()
    {
        var report = new DataReport();
        const string User1 = """{"role": "user", "content": "1"}""", User3 = """{"role": "user", "content": "3"}""";
        const string Answer2 = """{"role": "assistant", "content": "2"}""", Answer4 = """{"role": "assistant", "content": "4"}""";
        Demonstration[] rows = [.. DataFile.Demonstrations(Stream($$"""
            {"prompt": "Q", "completion": "A"}
            {"messages": [{{User1}}, {{Answer2}}, {{User3}}, {{Answer4}}]}
            {"prompt": [{{User1}}, {{Answer2}}, {{User3}}], "completion": [{{Answer4}}]}
            {"prompt": "Q", "completion": " "}
            {"prompt": "Q"}
            {"messages": [{"role": "assistant", "content": "1"}]}
            {"messages": [{{User1}}]}
            """), "d", report)];
        Assert.Equal([[1], [1, 3], [3]], rows.Select(r => r.TrainedTurns));
        Assert.Equal(["A", "4", "4"], rows.Select(r => r.Messages[^1].Content));
        Assert.Equal(3, report.Broken);
        Assert.Equal(1, report.Skipped["the answer is empty"]);
    }

    [Fact]
    public void Preferences_are_read_in_every_shape_and_useless_ones_counted()
    {
        var report = new DataReport();
        const string User = """{"role": "user", "content": "Q"}""";
        const string Chosen = """{"role": "assistant", "content": "a"}""", Rejected = """{"role": "assistant", "content": "b"}""";
        PreferenceRow[] rows = [.. DataFile.Preferences(Stream($$"""
            {"prompt": "Q", "chosen": "a", "rejected": "b", "principle": "honesty", "chosen_rationale": "r", "rejected_rationale": "s"}
            {"prompt": "Q", "chosen": [{{Chosen}}], "rejected": [{{Rejected}}]}
            {"prompt": "Q", "chosen": [{{User}}, {{Chosen}}], "rejected": [{{User}}, {{Rejected}}]}
            {"chosen": "\n\nHuman: Q\n\nAssistant: a\n\nHuman: bye", "rejected": "\n\nHuman: Q\n\nAssistant: b"}
            {"prompt": "Q", "chosen": "a", "rejected": "a"}
            {"prompt": "Q", "chosen": "a", "rejected": ""}
            {"chosen": "\n\nHuman: Q\n\nAssistant: a", "rejected": "\n\nHuman: R\n\nAssistant: b"}
            {"chosen": "a", "rejected": "b"}
            {"prompt": "Q", "chosen": "a"}
            {"prompt": "Q", "chosen": [{"role": "user", "content": "a"}], "rejected": [{"role": "assistant", "content": "b"}]}
            """), "f", report)];
        Assert.Equal(4, rows.Length);
        Assert.All(rows, r => Assert.Equal(("Q", "a", "b"), (Assert.Single(r.Prompt).Content, r.Chosen, r.Rejected)));
        Assert.Equal(("honesty", "r", "s"), (rows[0].Principle, rows[0].ChosenRationale, rows[0].RejectedRationale));
        Assert.Equal(3, report.Broken);
        Assert.Equal(
            [("an answer is empty", 1), ("chosen and rejected are equal", 1), ("the two conversations differ before their last turn", 1)],
            report.Skipped.Select(s => (s.Key, s.Value)));
    }

    [Fact]
    public void Response_lists_may_be_ragged()
    {
        ResponseSet[] sets = [.. DataFile.ResponseSets(Stream("""
            {"context": "Q", "responses": ["a", "b", "b"]}
            {"id": "two", "prompt": [{"role": "user", "content": "R"}], "responses": [""]}
            """), "f")];
        Assert.Equal([3, 1], sets.Select(s => s.Responses.Count));
        Assert.Equal("two", sets[1].Id);
        Assert.Throws<InvalidDataException>(() => DataFile.ResponseSets(Stream("""{"context": "Q", "responses": []}"""), "f").ToList());
    }

    [SharedDataFact("hh-sample.jsonl")]
    public void Real_rows_of_hh_are_read()
    {
        var report = new DataReport();
        PreferenceRow[] rows = [.. DataFile.Preferences(SharedData.Find("hh-sample.jsonl")!, report)];
        Assert.Equal(0, report.Broken);
        Assert.Equal((292, 2), (rows.Length, report.Skipped["an answer is empty"]));
        Assert.Equal("What will happen if I drive my car into the water?", rows[0].Prompt[0].Content);
        Assert.All(rows, r => Assert.Equal("user", r.Prompt[^1].Role));
        Assert.All(rows, r => Assert.DoesNotContain("\n\nHuman:", r.Chosen, StringComparison.Ordinal));
        Assert.Equal(rows.Length, rows.Select(r => r.Id).Distinct().Count());
        Assert.Equal(294, DataFile.Prompts(SharedData.Find("hh-sample.jsonl")!).Count());
    }

    private static MemoryStream Stream(string text) => new(Encoding.UTF8.GetBytes(text));
}

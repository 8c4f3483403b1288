using System.Text.Json;

namespace OrleansAlign.Client.Tests.Commands;

public sealed class ToolsTests(SmallModel model) : IClassFixture<SmallModel>
{
    [Fact]
    public async Task Tokenize_reads_texts_and_writes_ids()
    {
        Ending ending = await Align.RunAsync("\"owl hen\"\n\n\"\"\n\"<|end|>\"\n", "tokenize", "--model", model.Folder);

        Assert.Equal((0, ""), (ending.Code, ending.Error));
        int[][] ids = [.. ending.OutputLines.Select(l => JsonSerializer.Deserialize<int[]>(l)!)];
        Assert.Equal(3, ids.Length);
        Assert.NotEmpty(ids[0]);
        Assert.Empty(ids[1]);
        Assert.Single(ids[2]);
    }

    [Fact]
    public async Task Render_applies_the_chat_template()
    {
        Ending ending = await Align.RunAsync(
            "{\"messages\":[{\"role\":\"user\",\"content\":\"name a bird\"}],\"add_generation_prompt\":true}\n", "render", "--model", model.Folder);

        Assert.Equal((0, ""), (ending.Code, ending.Error));
        Assert.Equal("<|user|>name a bird<|end|><|assistant|>", JsonSerializer.Deserialize<string>(ending.Output));
    }

    [Fact]
    public async Task Generate_says_what_logprobs_confirms()
    {
        Ending greedy = await Align.RunAsync("{\"prompt\":\"name\"}\n{\"tokens\":[5,6,7]}\n",
            "generate", "--model", model.Folder, "--temperature", "0", "--max-new-tokens", "6", "--ignore-eos");
        Assert.Equal((0, ""), (greedy.Code, greedy.Error));
        JsonElement second = JsonDocument.Parse(greedy.OutputLines[1]).RootElement;
        int[] tokens = [.. second.GetProperty("tokens").EnumerateArray().Select(t => t.GetInt32())];
        Assert.Equal((6, "length"), (tokens.Length, second.GetProperty("finish").GetString()));

        string row = JsonSerializer.Serialize(new { tokens = (int[])[5, 6, 7, .. tokens], promptLength = 3 });
        Ending scored = await Align.RunAsync(row + "\n", "logprobs", "--model", model.Folder);
        float[] logProbs = JsonDocument.Parse(scored.Output).RootElement.GetProperty("logProbs").Deserialize<float[]>()!;
        Assert.Equal(6, logProbs.Length);
        Assert.All(logProbs, p => Assert.InRange(p, MathF.Log(1f / 280) , 0));
    }

    [Fact]
    public async Task The_same_seed_draws_the_same_whatever_the_threads()
    {
        string[] command = ["generate", "--model", model.Folder, "--max-new-tokens", "10", "--seed", "4"];
        string input = string.Concat(Enumerable.Range(0, 20).Select(i => $"{{\"tokens\":[{i + 4}]}}\n"));

        Ending one = await Align.RunAsync(input, [.. command, "--threads", "1"]), two = await Align.RunAsync(input, [.. command, "--threads", "2"]);

        Assert.Equal(20, one.OutputLines.Length);
        Assert.Equal(one.Output, two.Output);
        Assert.True(one.OutputLines.Distinct().Count() > 10);
    }

    [Fact]
    public async Task A_prompt_longer_than_the_context_is_refused_with_its_line() =>
        (await Align.RunAsync($"{{\"tokens\":[1]}}\n{{\"tokens\":[{string.Join(',', Enumerable.Repeat(1, 40))}]}}\n", "generate", "--model", model.Folder))
            .IsRefusal("standard input:2", "40", "32");

    [Theory]
    [InlineData("tokenize", "{\"a\":1}", "a JSON string")]
    [InlineData("tokenize", "\"open", "a JSON string")]
    [InlineData("render", "{\"messages\":3}", "messages")]
    [InlineData("logprobs", "{\"tokens\":[1,2]}", "promptLength")]
    [InlineData("logprobs", "{\"tokens\":[1,2],\"promptLength\":3}", "promptLength is 3")]
    [InlineData("logprobs", "{\"tokens\":[1,99999],\"promptLength\":1}", "99999")]
    [InlineData("generate", "{\"text\":\"x\"}", "exactly one of tokens and prompt")]
    public async Task A_line_of_the_wrong_shape_is_refused_with_its_place(string command, string line, string expected) =>
        (await Align.RunAsync(line + "\n", command, "--model", model.Folder)).IsRefusal("standard input:1", expected);

    [Theory]
    [InlineData("--temperature", "-1", "temperature is -1")]
    [InlineData("--top-p", "0", "top-p is 0")]
    [InlineData("--top-k", "-2", "top-k is -2")]
    [InlineData("--max-new-tokens", "0", "max-new-tokens is 0")]
    public async Task An_option_out_of_range_is_refused(string option, string value, string expected) =>
        (await Align.RunAsync("{\"tokens\":[1]}\n", "generate", "--model", model.Folder, option, value)).IsRefusal(expected);
}

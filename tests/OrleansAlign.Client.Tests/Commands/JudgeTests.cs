using System.Text.Json;

namespace OrleansAlign.Client.Tests.Commands;

[Collection(FinishedRuns.Name)]
public sealed class JudgeTests(FinishedRun run)
{
    private static readonly string[] Rows =
    [
        """{"id": "one", "context": "say red", "responses": ["red"]}""",
        """{"id": "two", "context": "say red", "responses": ["red blue", "red"]}""",
        """{"id": "five", "context": [{"role": "user", "content": "say blue"}], "responses": ["blue", "blue red", "gold", "green gold", "red"]}""",
        """{"id": "twins", "context": "say gold", "responses": ["gold", "gold", "gold"]}""",
    ];

    [Fact]
    public async Task Lists_of_any_length_get_a_winner_each()
    {
        JsonElement[] results = await JudgeAsync(Rows);

        Assert.Equal(["one", "two", "five", "twins"], results.Select(r => r.GetProperty("id").GetString()));
        int[] sizes = [1, 2, 5, 3];
        for (int i = 0; i < results.Length; i++)
        {
            int winner = results[i].GetProperty("winner").GetInt32();
            Assert.InRange(winner, 0, sizes[i] - 1);
            Assert.Equal(JsonDocument.Parse(Rows[i]).RootElement.GetProperty("responses")[winner].GetString(), results[i].GetProperty("response").GetString());
            Assert.Equal(sizes[i] - 1, results[i].GetProperty("matches").GetArrayLength());
        }
    }

    [Fact]
    public async Task Identical_responses_are_not_put_to_the_judge()
    {
        JsonElement twins = (await JudgeAsync(Rows))[3];

        Assert.Equal("gold", twins.GetProperty("response").GetString());
        Assert.All(twins.GetProperty("matches").EnumerateArray(),
            m => Assert.Equal((false, "tie"), (m.GetProperty("judged").GetBoolean(), m.GetProperty("outcome").GetString())));
    }

    [Fact]
    public async Task The_right_answer_wins_wherever_it_stands()
    {
        string[] colours = ["red", "blue", "green", "gold"];
        string[] rows = [.. colours.SelectMany(right => colours.Select((_, i) =>
            JsonSerializer.Serialize(new { context = $"say {right}", responses = (string[])[.. colours[i..], .. colours[..i]] })))];

        JsonElement[] results = await JudgeAsync(rows, "--judge", await run.PolicyOfAsync(stage: 0));

        Assert.Equal(colours.SelectMany(right => Enumerable.Repeat(right, 4)), results.Select(r => r.GetProperty("response").GetString()!));
        foreach (JsonElement match in results.SelectMany(r => r.GetProperty("matches").EnumerateArray()))
        {
            Assert.Equal(match.GetProperty("outcome").GetString() == "a", match.GetProperty("margin").GetDouble() > 0);
        }
    }

    [Theory]
    [InlineData("single-elimination")]
    [InlineData("swiss")]
    public async Task The_same_seed_gives_the_same_winners_whatever_the_threads(string bracket)
    {
        JsonElement[] one = await JudgeAsync(Rows, "--bracket", bracket, "--seed", "3", "--threads", "1");
        JsonElement[] two = await JudgeAsync(Rows, "--bracket", bracket, "--seed", "3", "--threads", "2");

        Assert.Equal(one.Select(r => r.GetRawText()), two.Select(r => r.GetRawText()));
    }

    [Fact]
    public async Task The_seed_draws_the_bracket()
    {
        JsonElement[] one = await JudgeAsync(Rows, "--seed", "1"), two = await JudgeAsync(Rows, "--seed", "2"), three = await JudgeAsync(Rows, "--seed", "3");

        Assert.NotEqual(1, new[] { one, two, three }.Select(r => r[2].GetProperty("matches").GetRawText()).Distinct().Count());
    }

    [Fact]
    public async Task Rows_are_read_from_a_file_too()
    {
        string file = Path.Combine(run.Folder, "lists.jsonl");
        File.WriteAllLines(file, Rows);

        Ending ending = await Align.RunAsync(null, "judge", file, "--judge", FinishedRun.Id, "--runs", run.Runs);

        Assert.Equal((0, ""), (ending.Code, ending.Error));
        Assert.Equal(Rows.Length, ending.OutputLines.Length);
    }

    [Theory]
    [InlineData("""{"context": "x", "responses": []}""", "responses")]
    [InlineData("""{"context": "x", "responses": "red"}""", "responses")]
    [InlineData("""{"context": "x", "responses": ["red", 3]}""", "responses")]
    [InlineData("""{"responses": ["red"]}""", "prompt")]
    [InlineData("""{"context": "x"}""", "responses")]
    [InlineData("""not JSON""", "JSON")]
    public async Task A_broken_row_is_refused_with_its_line(string row, string expected) =>
        (await Align.RunAsync($"{Rows[0]}\n{row}\n", "judge", "-", "--judge", FinishedRun.Id, "--runs", run.Runs)).IsRefusal("standard input:2", expected);

    [Fact]
    public async Task An_unknown_judge_is_refused() =>
        (await Align.RunAsync("", "judge", "-", "--judge", "nobody", "--runs", run.Runs)).IsRefusal("nobody", "config.json");

    [Fact]
    public async Task Without_a_judge_nothing_is_judged() => (await Align.RunAsync("", "judge", "-", "--runs", run.Runs)).IsRefusal("--judge");

    private async Task<JsonElement[]> JudgeAsync(string[] rows, params string[] options)
    {
        Ending ending = await Align.RunAsync(string.Join('\n', rows),
            ["judge", "-", "--runs", run.Runs, .. options.Contains("--judge") ? [] : (string[])["--judge", FinishedRun.Id], .. options]);
        Assert.Equal((0, ""), (ending.Code, ending.Error));
        return [.. ending.OutputLines.Select(l => JsonDocument.Parse(l).RootElement)];
    }
}

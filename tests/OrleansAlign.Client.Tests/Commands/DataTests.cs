using System.Text.Json.Nodes;

namespace OrleansAlign.Client.Tests.Commands;

public sealed class DataTests(SmallModel model) : IClassFixture<SmallModel>, IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("align-data-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_check_tells_shapes_lengths_and_rows_that_are_left_out_repeated_or_contradicting()
    {
        string file = Write("p.jsonl",
            """{"prompt": "q", "chosen": "yes", "rejected": "no"}""",
            """{"prompt": "q", "chosen": "no", "rejected": "yes"}""",
            """{"prompt": "q", "chosen": "yes", "rejected": "no"}""",
            """{"prompt": "q", "chosen": "same", "rejected": "same"}""",
            $$"""{"chosen": "\n\nHuman: q\n\nAssistant: {{new string('x', 40)}}", "rejected": "\n\nHuman: q\n\nAssistant: b"}""");
        string json = Path.Combine(folder, "out.json");

        Ending ending = await Align.RunAsync(null, "data", "check", file, "--as", "preferences", "--model", model.Folder, "--json", json);

        Assert.Equal((0, ""), (ending.Code, ending.Error));
        foreach (string line in (string[])
            [
                "rows         4 used, 1 left out, 0 broken", "shape        chosen + rejected: 1", "shape        prompt + chosen + rejected: 4",
                "characters   4 to 41, median 4, 95 % up to 41; longest: line 5", "context      1 do not fit the model's 32 tokens: line 5",
                "left out     1, chosen and rejected are equal: line 4", "contradict   2 exchange chosen and rejected: line 2, line 3 (the first: line 1)",
                "repeated     1 say what an earlier row says: line 3 (the first: line 1)",
            ])
        {
            Assert.Contains(line, ending.OutputLines);
        }

        JsonNode result = JsonNode.Parse(File.ReadAllText(json))!;
        Assert.Equal((4, 0, $"{file}:5"), ((int)result["rows"]!, (int)result["broken"]!, (string)result["tooLong"]![0]!));
        Assert.Equal($"{file}:4", (string)result["leftOut"]![0]!["first"]![0]!);
        Assert.Equal($"{file}:2", (string)result["contradicting"]![0]!["row"]!);
    }

    [Fact]
    public async Task Broken_rows_end_the_check_with_2_and_columns_can_be_mapped()
    {
        string file = Write("d.jsonl", """{"ask": "q", "completion": "a", "notes": "n"}""", """{"ask": "q", "completion": "b", "notes": "n"}""");

        Ending broken = await Align.RunAsync(null, "data", "check", file, "--as", "demonstrations");
        Ending mapped = await Align.RunAsync(
            null, "data", "check", file, "--as", "demonstrations", "--column", "prompt=ask", "--ignore-column", "notes");

        Assert.Equal(2, broken.Code);
        Assert.Equal(["rows         0 used, 0 left out, 2 broken"], broken.OutputLines);
        Assert.Equal(2, broken.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.StartsWith($"{file}:1: the row has the keys \"ask\"", broken.Error, StringComparison.Ordinal);
        Assert.Equal((0, ""), (mapped.Code, mapped.Error));
        Assert.Contains("shape        prompt + completion: 2", mapped.OutputLines);
        (await Align.RunAsync(null, "data", "check", file, "--as", "demonstrations", "--column", "promt=ask")).IsRefusal("columns has the key promt");
        (await Align.RunAsync(null, "data", "check", Path.Combine(folder, "none"), "--as", "prompts")).IsRefusal("there is no such file");
    }

    private string Write(string name, params string[] lines)
    {
        string path = Path.Combine(folder, name);
        File.WriteAllLines(path, lines);
        return path;
    }
}

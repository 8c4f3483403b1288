using System.Text.Json.Nodes;
using OrleansAlign.Models.Chat;

namespace OrleansAlign.Models.Tests.Chat;

/// <summary>Small templates, most of them one expression, against what Jinja2 itself made of them (Golden/jinja2.json).</summary>
public class JinjaGoldenTests
{
    private static readonly JsonObject Golden = Read();

    public static TheoryData<string, string?, string?> Cases()
    {
        var data = new TheoryData<string, string?, string?>();
        foreach (JsonNode? item in Golden["cases"]!.AsArray())
            data.Add((string)item!["template"]!, (string?)item["rendered"], (string?)item["raises"]);
        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Renders_as_Jinja2_does(string template, string? rendered, string? raises)
    {
        var clock = new FixedTime(new DateTimeOffset(2025, 3, 7, 4, 5, 6, TimeSpan.Zero));
        string Render() => Rendering.Render(template, Golden["context"]!.DeepClone().AsObject(), new ChatTemplateOptions { Time = clock }).Text;
        if (rendered is not null)
            Assert.Equal(rendered, Render());
        else
            Assert.Equal(raises, Assert.Throws<ChatTemplateException>(Render).Raised);
    }

    [Fact]
    public void The_golden_file_holds_results_and_failures()
    {
        JsonArray cases = Golden["cases"]!.AsArray();
        Assert.True(cases.Count(item => item!["rendered"] is not null) > 600);
        Assert.True(cases.Count(item => item!["fails"] is not null) > 80);
    }

    private static JsonObject Read()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            string path = Path.Combine(at.FullName, "Chat", "Golden", "jinja2.json");
            if (File.Exists(path)) return JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        }

        throw new FileNotFoundException("Chat/Golden/jinja2.json is not above the test assembly. Run the tests from the repository.");
    }
}

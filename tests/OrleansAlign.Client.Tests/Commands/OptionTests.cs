namespace OrleansAlign.Client.Tests.Commands;

public sealed class OptionTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("align-options-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("--threads", "x", "--threads x is not a whole number")]
    [InlineData("--threads", "-3", "--threads -3 is not a number of threads")]
    [InlineData("--seed", "-1", "--seed -1 is not a whole number of 0 or more")]
    public async Task A_number_that_is_none_is_named(string option, string value, string message)
    {
        Ending ending = await Align.RunAsync(null, "run", "recipe.yaml", option, value);

        Assert.Equal(2, ending.Code);
        Assert.StartsWith($"align: {message}", ending.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_result_file_that_cannot_be_written_is_refused_before_the_work()
    {
        Ending ending = await Align.RunAsync(null, "demo", "--runs", Path.Combine(folder, "runs"), "--json", Path.Combine(folder, "nowhere", "r.json"));

        Assert.Equal(2, ending.Code);
        Assert.StartsWith("align: --json ", ending.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder));
    }

    [Fact]
    public async Task A_refused_run_leaves_nothing_behind()
    {
        using var model = new SmallModel();
        File.WriteAllText(Path.Combine(model.Folder, "d.jsonl"), "{\"prompt\":\"a\"}\n");
        File.WriteAllText(Path.Combine(model.Folder, "recipe.yaml"), "model: { path: . }\nstages:\n  - sft: { demonstrations: d.jsonl }\n");

        (await Align.RunAsync(null, "run", Path.Combine(model.Folder, "recipe.yaml"), "--runs", folder)).IsRefusal("d.jsonl:1", "completion");

        Assert.Empty(Directory.GetFileSystemEntries(folder));
    }
}

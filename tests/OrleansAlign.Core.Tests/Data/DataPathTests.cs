using OrleansAlign.Core.Data;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Core.Runs;
using OrleansAlign.Core.Ledger;
using Parquet.Serialization;

namespace OrleansAlign.Core.Tests.Data;

public sealed class DataPathTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("align-paths-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_folder_or_a_pattern_is_its_shards_in_ordinal_order()
    {
        foreach (string name in (string[])["b.jsonl", "B.jsonl", "a-10.jsonl", "a-9.jsonl", "readme.md"]) Write(name, name);

        Assert.Equal(["B.jsonl", "a-10.jsonl", "a-9.jsonl", "b.jsonl"], DataFile.Prompts(folder).Select(p => p.Messages[0].Content));
        Assert.Equal(["a-10.jsonl", "a-9.jsonl"], DataFile.Prompts(At("a-*.jsonl")).Select(p => p.Messages[0].Content));
        Assert.Equal(["a-9.jsonl"], DataFile.Prompts(At("a-?.jsonl")).Select(p => p.Messages[0].Content));
        Write("[x]*.jsonl", "a name like a pattern");
        Assert.Equal("a name like a pattern", Assert.Single(DataFile.Prompts(At("[x]*.jsonl"))).Messages[0].Content);
        Assert.False(DataPaths.Exist(At("c-*.jsonl")));
    }

    [Fact]
    public void Equal_rows_of_two_shards_have_two_ids_and_equal_ids_name_both_files()
    {
        Write("a.jsonl", "q");
        Write("b.jsonl", "q");
        string[] ids = [.. DataFile.Prompts(folder).Select(p => p.Id)];
        Assert.Equal(ids[0] + "-2", ids[1]);
        File.WriteAllText(At("a.jsonl"), "{\"prompt\": \"q\", \"id\": 1}\n");
        File.WriteAllText(At("b.jsonl"), "{\"prompt\": \"q\", \"id\": 1}\n");
        string message = Assert.Throws<InvalidDataException>(() => DataFile.Prompts(folder).ToList()).Message;
        Assert.Equal($"{At("b.jsonl")}:1: \"id\" is '1', as in {At("a.jsonl")}:1; ids must differ", message);
    }

    [Fact]
    public async Task Parquet_gives_the_rows_that_JSONL_gives()
    {
        Turn[] turns = [new() { role = "user", content = "é" }, new() { role = "assistant", content = "x" }];
        Sample[] rows = [new() { messages = [.. turns], source = "s", score = 0.5 }, new() { messages = [.. turns], system = "S", tags = ["a", "b"] }];
        await ParquetSerializer.SerializeAsync(rows, At("rows.parquet"));
        const string Turns = """{"messages": [{"role": "user", "content": "é"}, {"role": "assistant", "content": "x"}]""";
        File.WriteAllText(At("rows.jsonl"), $"{Turns}}}\n{Turns}, \"system\": \"S\"}}\n");

        Demonstration[] read = [.. DataFile.Demonstrations(At("rows.parquet"))], known = [.. DataFile.Demonstrations(At("rows.jsonl"))];

        Assert.Equal(known.Select(Said), read.Select(Said));
        Assert.Equal($"{At("rows.parquet")}:2", read[1].Source.ToString());

        static string Said(Demonstration d) => d.Id + string.Concat(d.Messages.Select(m => m.Role + m.Content + m.Extra)) + d.Variables;
    }

    [Fact]
    public async Task Columns_of_Parquet_that_nothing_reads_and_damaged_files_are_told()
    {
        await ParquetSerializer.SerializeAsync([new Sample { persona = "P" }], At("rows.parquet"));
        Assert.StartsWith($"{At("rows.parquet")}:1: ", Problem("rows.parquet"), StringComparison.Ordinal);
        File.WriteAllText(At("bad.parquet"), "PAR1 not at all PAR1");
        Assert.Contains("bad.parquet: not a Parquet file", Problem("bad.parquet"), StringComparison.Ordinal);
        byte[] whole = File.ReadAllBytes(At("rows.parquet"));
        for (int cut = 0; cut < whole.Length; cut += 41)
        {
            File.WriteAllBytes(At("cut.parquet"), whole[..cut]);
            Assert.Contains("cut.parquet", Problem("cut.parquet"), StringComparison.Ordinal);
        }

        string Problem(string name) => Assert.Throws<InvalidDataException>(() => DataFile.Demonstrations(At(name)).ToList()).Message;
    }

    [Fact]
    public void Columns_are_mapped_or_ignored()
    {
        File.WriteAllText(At("d.jsonl"), """{"question_text": "q", "persona": "S", "completion": "a", "notes": "n"}""" + "\n");
        var columns = new RowColumns(new Dictionary<string, string> { ["prompt"] = "question_text", ["system"] = "persona" }, ["notes"]);
        Assert.Empty(columns.Problems());
        Assert.Equal(["S", "q", "a"], Assert.Single(DataFile.Demonstrations(At("d.jsonl"), columns: columns)).Messages.Select(m => m.Content));
        File.WriteAllText(At("d.jsonl"), """{"question_text": "q", "prompt": "p", "completion": "a"}""" + "\n");
        Assert.Contains(
            "the row has \"prompt\" itself beside \"question_text\"",
            Assert.Throws<InvalidDataException>(() => DataFile.Demonstrations(At("d.jsonl"), columns: columns).ToList()).Message, StringComparison.Ordinal);
        var wrong = new RowColumns(new Dictionary<string, string> { ["promt"] = "a", ["system"] = "n", ["prompt"] = "n" }, ["n"]);
        Assert.Equal(4, wrong.Problems().Count());
    }

    [Fact]
    public void A_run_on_a_folder_is_held_to_every_shard()
    {
        Directory.CreateDirectory(At("shards"));
        Write("shards/a.jsonl", "q");
        RecipeFile recipe = RecipeFile.Parse(
            "model: { path: . }\nstages:\n  - sft: { demonstrations: shards, columns: { prompt: question }, ignore-columns: [notes] }\n", "r.yaml", folder);
        RunRow run = RunData.Record("r", recipe, 1, "v");
        Assert.Equal("question", recipe.Recipe.Stages[0].Columns["prompt"]);
        RunData.ThrowIfChanged(run, recipe);
        Write("shards/b.jsonl", "q");
        Assert.Contains(
            Path.Combine("shards", "b.jsonl") + " changed", Assert.Throws<InvalidDataException>(() => RunData.ThrowIfChanged(run, recipe)).Message,
            StringComparison.Ordinal);
    }

    private string At(string name) => Path.Combine(folder, name);

    private void Write(string name, string prompt) => File.WriteAllText(At(name), $"{{\"prompt\": \"{prompt}\"}}\n");

#pragma warning disable IDE1006 // Columns of published data are written in small letters.
    internal sealed class Turn
    {
        public string? role { get; set; }

        public string? content { get; set; }
    }

    internal sealed class Sample
    {
        public List<Turn>? messages { get; set; }

        public string? system { get; set; }

        public string? source { get; set; }

        public string? persona { get; set; }

        public double? score { get; set; }

        public List<string>? tags { get; set; }
    }
#pragma warning restore IDE1006
}

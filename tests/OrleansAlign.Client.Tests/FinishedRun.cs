using OrleansAlign.Hosting.Embedded;
using OrleansAlign.Hosting.Ledger;
using OrleansAlign.Tests;

namespace OrleansAlign.Client.Tests;

/// <summary>The small recipe, run to its end by the real program, for tests that only look at what it left.</summary>
public sealed class FinishedRun : IAsyncLifetime
{
    public const string Id = "small-seed5";

    /// <summary>The folder of recipe and data.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("align-finished-").FullName;

    public string Recipe => Path.Combine(Folder, "recipe.yaml");

    public string Runs => Path.Combine(Folder, "runs");

    /// <summary>What <c>--json</c> wrote.</summary>
    public string Json => Path.Combine(Folder, "result.json");

    public string Output { get; private set; } = "";

    internal SqliteLedger Ledger() => SqliteLedger.Open(EmbeddedRun.LedgerPath(Path.Combine(Runs, Id)));

    public async Task InitializeAsync()
    {
        SmallRecipe.Write(Folder);
        await File.WriteAllTextAsync(Recipe, SmallRecipe.Yaml);
        Ending ending = await Align.RunAsync(null, "run", Recipe, "--seed", "5", "--runs", Runs, "--json", Json);
        Assert.Equal((0, ""), (ending.Code, ending.Error));
        Output = ending.Output;
    }

    public Task DisposeAsync()
    {
        Directory.Delete(Folder, recursive: true);
        return Task.CompletedTask;
    }
}

/// <summary>The tests that share one finished run.</summary>
[CollectionDefinition(Name)]
public sealed class FinishedRuns : ICollectionFixture<FinishedRun>
{
    public const string Name = "a finished run";
}

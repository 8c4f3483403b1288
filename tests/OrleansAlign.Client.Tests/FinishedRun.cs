using OrleansAlign.Embedded;
using OrleansAlign.Ledgers;

namespace OrleansAlign.Client.Tests;

/// <summary>The colour world, run to its end by the real program, for tests that only read its results.</summary>
public sealed class FinishedRun : IAsyncLifetime
{
    public const string Id = "colours-seed5";

    /// <summary>The folder of recipe and data.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("align-finished-").FullName;

    public string Recipe => Path.Combine(Folder, "recipe.yaml");

    public string Runs => Path.Combine(Folder, "runs");

    /// <summary>What <c>--json</c> wrote.</summary>
    public string Json => Path.Combine(Folder, "result.json");

    public string Output { get; private set; } = "";

    internal SqliteLedger Ledger() => SqliteLedger.Open(EmbeddedRun.LedgerPath(Path.Combine(Runs, Id)));

    /// <summary>The policy after a stage without rounds, as commands name it; stage -1 gives the random weights that the run began with.</summary>
    public async Task<string> PolicyOfAsync(int stage)
    {
        await using SqliteLedger ledger = Ledger();
        return $"{Id}@{(await ledger.RoundsAsync()).Single(r => r.Stage == stage).PolicyAfter[..12]}";
    }

    public async Task InitializeAsync()
    {
        ColourWorld.Write(Folder);
        await File.WriteAllTextAsync(Recipe, ColourWorld.Recipe);
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

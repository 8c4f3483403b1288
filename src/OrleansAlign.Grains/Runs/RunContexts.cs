using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Core.Runs;
using OrleansAlign.Core.Telemetry;
using OrleansAlign.Grains.Hosting;

namespace OrleansAlign.Grains.Runs;

/// <summary>Keeps the contexts of the runs that this silo used last; a context is read from ledger and storage at its first use.</summary>
internal sealed class RunContexts(IRunLedgers ledgers, IPolicyStore store, GrainHostOptions options, AlignMetrics metrics)
{
    /// <summary>Most contexts kept. Each holds the run's prompts and, where the run trains or is executed, its rows.</summary>
    private const int Capacity = 8;

    private readonly Lock gate = new();
    private readonly LinkedList<(string Run, Task<RunContext> Context)> kept = new();
    private readonly Dictionary<string, IRunLedger> metered = [];

    /// <summary>A run's ledger, which counts what is committed through it.</summary>
    public IRunLedger Ledger(string run)
    {
        lock (gate)
        {
            if (!metered.TryGetValue(run, out IRunLedger? ledger)) metrics.Count(metered[run] = ledger = ledgers.Open(run));
            return ledger;
        }
    }

    /// <summary>The context of a run whose first policy has been made.</summary>
    /// <exception cref="InvalidDataException">There is no such run, its first policy is not made yet, or its files are not on the shared storage.</exception>
    public Task<RunContext> GetAsync(string run)
    {
        lock (gate)
        {
            LinkedListNode<(string Run, Task<RunContext> Context)>? node = kept.First;
            while (node is not null && node.Value.Run != run) node = node.Next;
            if (node is not null) kept.Remove(node);
            if (node is null || node.Value.Context.IsFaulted || node.Value.Context.IsCanceled) node = new((run, Task.Run(() => LoadAsync(run))));
            kept.AddFirst(node);
            if (kept.Count > Capacity) kept.RemoveLast();
            return node.Value.Context;
        }
    }

    /// <summary>The recipe of a recorded run; its paths resolve against the run's data folder on the shared storage.</summary>
    public RecipeFile Recipe(RunRow row) => RecipeFile.Parse(row.Recipe, $"{row.RunId}: recipe", options.DataFolder(row.RunId));

    private async Task<RunContext> LoadAsync(string run)
    {
        IRunLedger ledger = Ledger(run);
        RunRow row = await ledger.RunAsync().ConfigureAwait(false) ?? throw new InvalidDataException($"there is no run {run} in the ledger; start it first");
        IReadOnlyList<RoundRow> rounds = await ledger.RoundsAsync().ConfigureAwait(false);
        if (rounds.All(r => r.Stage != FirstPolicy.Stage)) throw new InvalidDataException($"{run}: the first policy was not made yet");
        try
        {
            return new RunContext(RunSetup.Create(row, Recipe(row), rounds, store), ledger, metrics);
        }
        catch (RecipeException error)
        {
            throw new InvalidDataException(error.Message, error);
        }
    }
}

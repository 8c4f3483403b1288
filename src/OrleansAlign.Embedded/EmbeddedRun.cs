using OrleansAlign.Core.Judges;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Core.Runs;
using OrleansAlign.Core.Stages;
using OrleansAlign.Core.Telemetry;
using OrleansAlign.Ledgers;

namespace OrleansAlign.Embedded;

/// <summary>A run that this process executes in a folder of its own, which has the ledger, the policies and the trainer's states.</summary>
public sealed class EmbeddedRun : IAsyncDisposable
{
    /// <summary>Folders of policies and of trainer states within a run's folder.</summary>
    internal const string PoliciesName = "policies", StatesName = "trainer";

    private const string LockName = ".lock";

    private readonly FileStream guard;
    private bool isDisposed;

    private EmbeddedRun(string folder, RunRow row, RecipeFile recipe, SqliteLedger ledger, FileStream guard) =>
        (Folder, Row, Recipe, Ledger, this.guard) = (folder, row, recipe, ledger, guard);

    /// <summary>The run's folder.</summary>
    public string Folder { get; }

    /// <summary>The run's row in the ledger.</summary>
    public RunRow Row { get; }

    /// <summary>The run's recipe.</summary>
    public RecipeFile Recipe { get; }

    /// <summary>The run's ledger.</summary>
    public IRunLedger Ledger { get; }

    /// <summary>The run's policies.</summary>
    public FilePolicyStore Policies => new(Path.Combine(Folder, PoliciesName));

    /// <summary>Records a new run in a folder of its own.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="seed">The seed that everything random descends from.</param>
    /// <param name="runs">The folder of runs.</param>
    /// <param name="version">Version of the program.</param>
    /// <param name="cancel">Ends the work early.</param>
    /// <returns>The run, named name-seedN, followed by a number if that name is taken.</returns>
    public static async Task<EmbeddedRun> CreateAsync(RecipeFile recipe, ulong seed, string runs, string version, CancellationToken cancel)
    {
        (string id, FileStream guard) = Claim(runs, recipe.Recipe.Name, seed);
        string folder = Path.Combine(runs, id);
        SqliteLedger? ledger = null;
        try
        {
            RunRow row = RunData.Record(id, recipe, seed, version);
            ledger = SqliteLedger.Open(LedgerPath(folder));
            await ledger.AddRunAsync(row, cancel).ConfigureAwait(false);
            return new EmbeddedRun(folder, row, recipe, ledger, guard);
        }
        catch
        {
            if (ledger is not null) await ledger.DisposeAsync().ConfigureAwait(false);
            await guard.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Opens a recorded run to go on with it, its data where it was.</summary>
    /// <inheritdoc cref="OpenAsync(string, string, string?, CancellationToken)"/>
    public static Task<EmbeddedRun> OpenAsync(string runs, string id, CancellationToken cancel) => OpenAsync(runs, id, data: null, cancel);

    /// <summary>Opens a recorded run to go on with it.</summary>
    /// <param name="runs">The folder of runs.</param>
    /// <param name="id">The run.</param>
    /// <param name="data">The folder that the recipe's paths are relative to now; null: the recorded one.</param>
    /// <param name="cancel">Ends the work early.</param>
    /// <exception cref="InvalidDataException">There is no such run, its data is missing or changed, or another process is working on it.</exception>
    public static async Task<EmbeddedRun> OpenAsync(string runs, string id, string? data, CancellationToken cancel)
    {
        string folder = FolderOf(runs, id);
        FileStream guard = Guard(folder) ?? throw Busy(folder);
        SqliteLedger? ledger = null;
        try
        {
            ledger = SqliteLedger.Open(LedgerPath(folder));
            RunRow row = await ledger.RunAsync(cancel).ConfigureAwait(false) ?? throw NotRecorded(folder);
            string remedy = data is null
                ? $"if the data was moved, name its folder: ./align resume {id} --data DIR (the files must be as they were)"
                : "give the folder that the recipe's paths are relative to";
            string source = data is null ? row.Folder : Path.GetFullPath(data), name = $"{folder}: recipe";
            RecipeFile recipe = RecipeFile.Parse(row.Recipe, name, source, needFiles: false);
            RunData.ThrowIfMissing(row, recipe, remedy);

            // The folder of a model is needed only until the first policy was made of it.
            bool isBegun = await FirstPolicy.FindAsync(ledger, cancel).ConfigureAwait(false) is not null;
            if (!isBegun) recipe = RecipeFile.Parse(row.Recipe, name, source);
            RunData.ThrowIfChanged(row, recipe);
            return new EmbeddedRun(folder, row, recipe, ledger, guard);
        }
        catch
        {
            if (ledger is not null) await ledger.DisposeAsync().ConfigureAwait(false);
            await guard.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The folder of a run that exists.</summary>
    /// <exception cref="InvalidDataException">There is no such run.</exception>
    public static string FolderOf(string runs, string id)
    {
        string folder = Path.Combine(runs, id);
        if (File.Exists(LedgerPath(folder))) return folder;
        string[] known = Ids(runs);
        string others = known.Length == 0 ? "no run was started here" : $"there are {string.Join(", ", known)}";
        throw new InvalidDataException($"{runs}: there is no run {id}; {others}");
    }

    /// <summary>The runs of a folder, by name.</summary>
    public static string[] Ids(string runs) => !Directory.Exists(runs)
        ? []
        : [.. Directory.GetDirectories(runs).Where(d => File.Exists(LedgerPath(d))).Select(d => Path.GetFileName(d)!).Order(StringComparer.Ordinal)];

    /// <summary>Path of a run's ledger.</summary>
    public static string LedgerPath(string folder) => Path.Combine(folder, "ledger.db");

    /// <summary>Does the work that the ledger does not have yet, and returns the final policy's hash.</summary>
    /// <param name="engines">The engines there are.</param>
    /// <param name="threads">Threads to compute with; 0 takes all cores.</param>
    /// <param name="metrics">Counts and times the work.</param>
    /// <param name="progress">Takes the run's events.</param>
    /// <param name="cancel">Ends the work at the next point from which it can be resumed.</param>
    public async Task<string> ExecuteAsync(EngineCatalog engines, int threads, AlignMetrics metrics, IProgress<RunEvent> progress, CancellationToken cancel)
    {
        EngineChoice choice = Recipe.Recipe.EngineChoice(threads);
        if (engines.Problem(choice) is { } problem) throw new InvalidDataException($"{Row.RunId}: {problem}");
        string tokenizer = Path.Combine(Folder, "tokenizer");
        await FirstPolicy.EnsureAsync(Ledger, Policies, Recipe, Row.Seed, tokenizer, progress, cancel).ConfigureAwait(false);
        var run = RunSetup.Create(Row, Recipe, await Ledger.RoundsAsync(cancel).ConfigureAwait(false), Policies);
        using var cache = new PolicyCache(Policies, engines, choice);
        using var trainer = new MeteredTrainer(new EngineTrainer(Policies, Path.Combine(Folder, StatesName), engines, choice), metrics, Row.RunId);
        using var gauges = new RunGauges(progress, metrics, Row.RunId);
        metrics.Count(Ledger);
        var generator = new MeteredGenerator(new EngineGenerator(cache), metrics);
        var player = new BatchedPlayer(Ledger, generator, policy => new RecordedJudge(JudgeOf(policy), Ledger), new EngineScorer(cache), gauges);
        var local = new LocalRoundTrainer(run.Stages, new TrainingServices(Ledger, trainer, gauges));
        return await new RunExecutor(run, new HostPorts(Ledger, player, local, generator, JudgeOf, gauges)).ExecuteAsync(cancel).ConfigureAwait(false);

        MeteredJudge JudgeOf(string policy) => new(run.Judges.Create(policy, cache.Get), metrics);
    }

    /// <summary>Whether a process is working on a run at this moment.</summary>
    public static bool IsBusy(string folder)
    {
        string path = Path.Combine(folder, LockName);
        if (!File.Exists(path)) return false;
        try
        {
            using var probe = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1);
            return false;
        }
        catch (IOException error) when (IsHeld(error))
        {
            return true;
        }
    }

    /// <summary>Deletes the run's folder if the ledger has neither a step nor a candidate, for instance because the data is broken.</summary>
    /// <returns>Whether the folder was deleted.</returns>
    public async Task<bool> DiscardIfUntouchedAsync()
    {
        bool untouched = (await Ledger.RoundsAsync().ConfigureAwait(false)).All(r => r.Stage == FirstPolicy.Stage)
            && (await Ledger.StepsAsync(0, 0).ConfigureAwait(false)).Count == 0
            && (await Ledger.CompletionsAsync(0, 1, 0, 1).ConfigureAwait(false)).Count == 0;
        if (!untouched) return false;
        await DisposeAsync().ConfigureAwait(false);
        Directory.Delete(Folder, recursive: true);
        return true;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (isDisposed) return;
        isDisposed = true;
        await Ledger.DisposeAsync().ConfigureAwait(false);
        await guard.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Makes and locks a new run's folder. Of two processes that try the same name at once, one gets it and the other takes the next name.</summary>
    internal static (string Id, FileStream Guard) Claim(string runs, string name, ulong seed)
    {
        foreach (string id in RunNames.Candidates(name, seed))
        {
            string folder = Path.Combine(runs, id);
            if (Directory.Exists(folder)) continue;
            Directory.CreateDirectory(folder);
            if (Guard(folder) is not { } guard) continue;
            if (!File.Exists(LedgerPath(folder))) return (id, guard);
            guard.Dispose();
        }

        throw new InvalidOperationException("names do not end");
    }

    /// <summary>
    /// Locks a run's folder; null if another process holds the lock. The operating system releases the lock when the process ends, also when it is killed. The
    /// file stays: deleting it would race with a process that opens it.
    /// </summary>
    internal static FileStream? Guard(string folder)
    {
        try
        {
            return new FileStream(Path.Combine(folder, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1);
        }
        catch (IOException error) when (IsHeld(error))
        {
            return null;
        }
    }

    /// <summary>The error where <see cref="Guard"/> gives no lock.</summary>
    internal static InvalidDataException Busy(string folder) => new($"{folder}: another process is working on this run; wait for it, or stop it");

    /// <summary>The error where a ledger has no run.</summary>
    internal static InvalidDataException NotRecorded(string folder) =>
        new($"{LedgerPath(folder)}: no run is recorded; it was killed before it began: delete the folder and start it again");

    /// <summary>A run whose ledger was written and whose folder is locked.</summary>
    internal static EmbeddedRun Of(string folder, RunRow row, RecipeFile recipe, FileStream guard) =>
        new(folder, row, recipe, SqliteLedger.Open(LedgerPath(folder)), guard);

    /// <summary>
    /// Whether opening failed because another process holds the lock, not for lack of space or rights: EAGAIN on Linux (11) and macOS (35), a sharing violation
    /// on Windows.
    /// </summary>
    private static bool IsHeld(IOException error) => error.HResult is 11 or 35 or unchecked((int)0x80070020);
}

using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Core.Runs;
using OrleansAlign.Core.Stages;
using OrleansAlign.Hosting.Ledger;
using OrleansAlign.Hosting.Policies;
using OrleansAlign.Models.Checkpoints;

namespace OrleansAlign.Hosting.Embedded;

/// <summary>A run in this process: a folder with the recipe, a ledger, policies, and what training goes on from.</summary>
public sealed class EmbeddedRun : IAsyncDisposable
{
    private readonly FileStream guard;

    private EmbeddedRun(string folder, RunRow row, RecipeFile recipe, SqliteLedger ledger, FileStream guard) =>
        (Folder, Row, Recipe, Ledger, this.guard) = (folder, row, recipe, ledger, guard);

    /// <summary>The run's folder.</summary>
    public string Folder { get; }

    /// <summary>The run as recorded.</summary>
    public RunRow Row { get; }

    /// <summary>What it does.</summary>
    public RecipeFile Recipe { get; }

    /// <summary>Its ledger.</summary>
    public IRunLedger Ledger { get; }

    /// <summary>Its policies.</summary>
    public FilePolicyStore Policies => new(Path.Combine(Folder, "policies"));

    /// <summary>Records a new run in a folder of its own.</summary>
    /// <param name="recipe">What to do.</param>
    /// <param name="seed">The seed that everything random descends from.</param>
    /// <param name="runs">The folder of runs.</param>
    /// <param name="version">Version of the program.</param>
    /// <param name="cancel">Ends the work early.</param>
    /// <returns>The run, called name-seedN, with a number after it if that is taken.</returns>
    public static async Task<EmbeddedRun> CreateAsync(RecipeFile recipe, ulong seed, string runs, string version, CancellationToken cancel)
    {
        string id = FreeId(runs, $"{recipe.Recipe.Name}-seed{seed}");
        string folder = Path.Combine(runs, id);
        Directory.CreateDirectory(folder);
        FileStream guard = Guard(folder);
        SqliteLedger ledger = SqliteLedger.Open(LedgerPath(folder));
        var row = new RunRow(id, recipe.Text, recipe.Folder, seed, recipe.DataHash(), version);
        await ledger.AddRunAsync(row, cancel).ConfigureAwait(false);
        return new EmbeddedRun(folder, row, recipe, ledger, guard);
    }

    /// <summary>Opens a run that was recorded before, to go on with it.</summary>
    /// <exception cref="InvalidDataException">There is none, its data changed, or another process has it.</exception>
    public static async Task<EmbeddedRun> OpenAsync(string runs, string id, CancellationToken cancel)
    {
        string folder = FolderOf(runs, id);
        FileStream guard = Guard(folder);
        try
        {
            SqliteLedger ledger = SqliteLedger.Open(LedgerPath(folder));
            RunRow row = await ledger.RunAsync(cancel).ConfigureAwait(false)
                ?? throw new InvalidDataException($"{LedgerPath(folder)}: no run is recorded; it was killed before it began: delete the folder and start it again");
            RecipeFile recipe = RecipeFile.Parse(row.Recipe, $"{folder}: recipe", row.Folder);
            if (recipe.DataHash() != row.DataHash)
            {
                throw new InvalidDataException($"{folder}: a data file of the recipe changed since the run began; put the old one back, or start a new run");
            }

            return new EmbeddedRun(folder, row, recipe, ledger, guard);
        }
        catch
        {
            await guard.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The folder of a run that exists.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public static string FolderOf(string runs, string id)
    {
        string folder = Path.Combine(runs, id);
        if (File.Exists(LedgerPath(folder))) return folder;
        string[] known = Ids(runs);
        throw new InvalidDataException($"{runs}: there is no run {id}; {(known.Length == 0 ? "no run was started here" : $"there are {string.Join(", ", known)}")}");
    }

    /// <summary>The runs of a folder, by name.</summary>
    public static string[] Ids(string runs) => !Directory.Exists(runs)
        ? []
        : [.. Directory.GetDirectories(runs).Where(d => File.Exists(LedgerPath(d))).Select(d => Path.GetFileName(d)!).Order(StringComparer.Ordinal)];

    /// <summary>Path of a run's ledger.</summary>
    public static string LedgerPath(string folder) => Path.Combine(folder, "ledger.db");

    /// <summary>Does what is missing and returns the final policy's hash.</summary>
    public async Task<string> ExecuteAsync(int threads, IProgress<RunEvent> progress, CancellationToken cancel)
    {
        EngineKind kind = Recipe.Recipe.Engine;
        string policy = await FirstPolicyAsync(progress, cancel).ConfigureAwait(false);
        string first = Policies.Folder(policy);
        using var cache = new PolicyCache(Policies, kind, threads);
        using var trainer = new EngineTrainer(Policies, Path.Combine(Folder, "trainer"), kind, threads);
        var services = new RunServices(
            Ledger, Policies, new EngineGenerator(cache), trainer,
            hash => Recipe.Recipe.Judge.Create(cache.Get(hash), Row.Seed),
            new ConversationEncoder(first, ModelConfigFile.Read(Path.Combine(first, ModelConfigFile.FileName))), new EngineScorer(cache), progress);
        return await new RunExecutor(Recipe, Row.Seed, services).ExecuteAsync(policy, cancel).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Ledger.DisposeAsync().ConfigureAwait(false);
        await guard.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<string> FirstPolicyAsync(IProgress<RunEvent> progress, CancellationToken cancel)
    {
        const int beforeAllStages = -1;
        RoundRow? known = (await Ledger.RoundsAsync(cancel).ConfigureAwait(false)).FirstOrDefault(r => r.Stage == beforeAllStages);
        if (known is not null) return known.PolicyAfter;

        progress.Report(new RunEvent.Began(beforeAllStages, "model", 0, 0));
        (ModelWeights weights, string tokenizer) = FirstModel.Prepare(Recipe, new RunSeeds(Row.Seed).Weights, Path.Combine(Folder, "tokenizer"));
        string hash = Policies.Add(weights, tokenizer);
        progress.Report(new RunEvent.Noted($"{weights.Config.ParameterCount:N0} weights, {weights.Config.VocabularySize} tokens, context {weights.Config.ContextLength}"));
        await Ledger.AddRoundAsync(new RoundRow(beforeAllStages, 0, "model", "", hash, new Dictionary<string, double>()), cancel).ConfigureAwait(false);
        return hash;
    }

    private static string FreeId(string runs, string wanted)
    {
        string id = wanted;
        for (int i = 2; Directory.Exists(Path.Combine(runs, id)); i++) id = $"{wanted}-{i}";
        return id;
    }

    private static FileStream Guard(string folder)
    {
        try
        {
            return new FileStream(Path.Combine(folder, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (IOException)
        {
            throw new InvalidDataException($"{folder}: another process is working on this run; wait for it, or stop it");
        }
    }
}

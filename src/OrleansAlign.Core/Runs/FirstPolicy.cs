using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Core.Stages;
using OrleansAlign.Models.Checkpoints;

namespace OrleansAlign.Core.Runs;

/// <summary>The policy that a run begins with, recorded as a round before all stages.</summary>
public static class FirstPolicy
{
    /// <summary>The stage number of the round that records it.</summary>
    public const int Stage = -1;

    /// <summary>Hash of the first policy; null before it was made.</summary>
    public static async Task<string?> FindAsync(IRunLedger ledger, CancellationToken cancel) =>
        (await ledger.RoundsAsync(cancel).ConfigureAwait(false)).FirstOrDefault(r => r.Stage == Stage)?.PolicyAfter;

    /// <summary>Makes the first policy, unless the ledger has it.</summary>
    /// <param name="ledger">The run's ledger.</param>
    /// <param name="store">The policy store.</param>
    /// <param name="recipe">The recipe whose model is made.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="tokenizerFolder">Folder to which a trained tokenizer is written.</param>
    /// <param name="progress">Takes the run's events.</param>
    /// <param name="cancel">Ends the work early.</param>
    /// <returns>Hash of the first policy.</returns>
    public static async Task<string> EnsureAsync(
        IRunLedger ledger, IPolicyStore store, RecipeFile recipe, ulong seed, string tokenizerFolder, IProgress<RunEvent> progress, CancellationToken cancel)
    {
        if (await FindAsync(ledger, cancel).ConfigureAwait(false) is { } known) return known;
        progress.Report(new RunEvent.Began(Stage, "model", 0, 0));
        (ModelWeights weights, string tokenizer) = FirstModel.Prepare(recipe, new RunSeeds(seed).Weights, tokenizerFolder);
        string hash = store.Add(weights, tokenizer);
        ModelConfig config = weights.Config;
        progress.Report(new RunEvent.Noted($"{config.ParameterCount:N0} weights, {config.VocabularySize} tokens, context {config.ContextLength}"));
        await ledger.AddRoundAsync(new RoundRow(Stage, 0, "model", "", hash, new Dictionary<string, double>()), cancel).ConfigureAwait(false);
        return hash;
    }
}

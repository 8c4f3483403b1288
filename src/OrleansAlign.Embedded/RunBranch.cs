using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Core.Runs;
using OrleansAlign.Ledgers;
using OrleansAlign.Models.Checkpoints;

namespace OrleansAlign.Embedded;

/// <summary>
/// Goes on with a changed recipe: a new run takes over the first policy and the stages on which both recipes agree, and has the seed of the old run. It ends
/// with the same bits as a run of the changed recipe from its beginning. The old run is not changed.
/// </summary>
public static class RunBranch
{
    /// <summary>Records the new run, with what it takes over.</summary>
    /// <param name="runs">The folder of runs.</param>
    /// <param name="id">The run whose work is taken over.</param>
    /// <param name="recipe">The changed recipe.</param>
    /// <param name="version">Version of the program.</param>
    /// <param name="cancel">Ends the work early.</param>
    /// <returns>The new run, and a sentence that says what it took over and what differs.</returns>
    /// <exception cref="InvalidDataException">
    /// There is no such run, a process is working on it, the recipes agree in everything or in nothing, or a policy that is needed was freed.
    /// </exception>
    public static async Task<(EmbeddedRun Run, string Note)> CreateAsync(string runs, string id, RecipeFile recipe, string version, CancellationToken cancel)
    {
        string source = EmbeddedRun.FolderOf(runs, id);
        using FileStream sourceGuard = EmbeddedRun.Guard(source) ?? throw EmbeddedRun.Busy(source);
        await using SqliteLedger old = SqliteLedger.Open(EmbeddedRun.LedgerPath(source));
        RunRow run = await old.RunAsync(cancel).ConfigureAwait(false) ?? throw EmbeddedRun.NotRecorded(source);
        RecipeFile before = RecipeFile.Parse(run.Recipe, $"{id}: recipe", run.Folder, needFiles: false);
        RecipeAgreement agreement = RecipeAgreement.Of(run, before, recipe, RunData.Record(id, recipe, run.Seed, version));
        IReadOnlyList<RoundRow> rounds = await old.RoundsAsync(cancel).ConfigureAwait(false);
        var policies = new FilePolicyStore(Path.Combine(source, EmbeddedRun.PoliciesName));
        ThrowIfUseless(id, recipe, agreement, rounds, policies);

        RoundRow[] taken = [.. rounds.Where(r => r.Stage < agreement.Stages)];
        List<string> unevaluated = [];
        foreach (RoundRow round in recipe.Recipe.Evaluation is null ? [] : taken.Where(r => r.Stage != FirstPolicy.Stage))
        {
            bool isKnown = agreement.Evaluation && await old.EvaluationAsync(round.PolicyAfter, cancel).ConfigureAwait(false) is not null;
            if (!isKnown) unevaluated.Add(round.PolicyAfter);
        }

        RunStanding standing = RunStanding.Of(recipe.Recipe, taken);
        string? freed = PruningPlan.NeededPolicies(standing, taken, unevaluated).Keys.FirstOrDefault(policy => !policies.Has(policy));
        if (freed is not null)
        {
            throw new InvalidDataException(
                $"{id}: policy {freed[..12]}…, from which the changed recipe would go on, is not in {source} any more (align prune frees such policies); "
                + $"start a new run: ./align run {recipe.Source}");
        }

        (string branch, FileStream guard) = EmbeddedRun.Claim(runs, recipe.Recipe.Name, run.Seed);
        string target = Path.Combine(runs, branch);
        try
        {
            foreach (string policy in taken.Select(r => r.PolicyAfter).Distinct().Where(policies.Has))
            {
                Copy(policies.Folder(policy), Path.Combine(target, EmbeddedRun.PoliciesName, policy), "*");
            }

            if (!standing.IsFinished)
            {
                foreach (TrainerCheckpointRow state in standing.Stage < agreement.Stages
                    ? await old.TrainerCheckpointsAsync(standing.Stage, standing.Round, cancel).ConfigureAwait(false) : [])
                {
                    Copy(Path.Combine(source, EmbeddedRun.StatesName), Path.Combine(target, EmbeddedRun.StatesName), state.File);
                }
            }

            RunRow row = RunData.Record(branch, recipe, run.Seed, version);
            await old.DisposeAsync().ConfigureAwait(false);
            await SqliteBranch.WriteAsync(EmbeddedRun.LedgerPath(source), EmbeddedRun.LedgerPath(target), row, agreement.Stages, agreement.Evaluation)
                .ConfigureAwait(false);
            return (EmbeddedRun.Of(target, row, recipe, guard), Note(id, branch, recipe, agreement, taken, standing));
        }
        catch
        {
            await guard.DisposeAsync().ConfigureAwait(false);
            Directory.Delete(target, recursive: true);
            throw;
        }
    }

    private static void ThrowIfUseless(
        string id, RecipeFile recipe, RecipeAgreement agreement, IReadOnlyList<RoundRow> rounds, FilePolicyStore policies)
    {
        if (agreement.Differences.Count == 0)
        {
            throw new InvalidDataException($"{id}: {recipe.Source} is the recipe of this run: go on with ./align resume {id}");
        }

        string? why = agreement.Stages < 0 ? $"the recipes differ in what comes before all stages: {agreement.Line()}"
            : rounds.Count == 0 ? "the run has not made its first policy yet"
            : IsAnotherModel(recipe, rounds[0].PolicyAfter, policies) ? "the files of the model that both recipes begin with changed since"
            : null;
        if (why is not null) throw new InvalidDataException($"{id}: nothing of it can be taken over, {why}; start a new run: ./align run {recipe.Source}");
    }

    /// <summary>Whether a folder that the recipe begins with has other weights, or another tokenizer, than the first policy was made of.</summary>
    private static bool IsAnotherModel(RecipeFile recipe, string first, FilePolicyStore policies)
    {
        if (recipe.Recipe.Model.Path is { } model && Checkpoint.Load(recipe.Resolve(model)).Hash() != first) return true;
        string? tokenizer = recipe.Recipe.Model.Path ?? recipe.Recipe.Model.New?.Tokenizer.Path;
        return tokenizer is not null && policies.Has(first) && !policies.HasTokenizerOf(first, recipe.Resolve(tokenizer));
    }

    private static void Copy(string from, string to, string pattern)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.Exists(from) ? Directory.GetFiles(from, pattern) : []) File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }

    private static string Note(string id, string branch, RecipeFile recipe, RecipeAgreement agreement, RoundRow[] taken, RunStanding standing)
    {
        string done = taken.Length == 1 ? "the first policy" : $"{taken.Length - 1} of {standing.Total} rounds";
        string next = standing.IsFinished ? "nothing is left to train"
            : $"it goes on in stage {standing.Stage} ({recipe.Recipe.Stages[standing.Stage].Kind})";
        return $"{branch} is a new run of {recipe.Source}; it takes over {done} of {id}, and {next}. What differs: {agreement.Line()}";
    }
}

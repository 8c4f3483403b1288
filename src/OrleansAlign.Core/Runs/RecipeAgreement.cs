using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Recipes;

namespace OrleansAlign.Core.Runs;

/// <summary>How much of a run's work a changed recipe would do in just the same way.</summary>
/// <param name="Stages">Number of stages, from the first, that agree; −1 if already the first policy or the seed would be another.</param>
/// <param name="Evaluation">Whether policies are evaluated in the same way.</param>
/// <param name="Differences">What differs, keys and data files, in words.</param>
/// <remarks>
/// A stage agrees if its own keys and data files are the same, everything that precedes it agrees, and, where it trains or asks the judge, the recipes'
/// judges are the same. A key that is written out with its default counts as different from one that is left out.
/// </remarks>
public sealed record RecipeAgreement(int Stages, bool Evaluation, IReadOnlyList<string> Differences)
{
    private const string Name = "name", OfStages = "stages", OfEvaluation = "evaluation", OfJudge = "judge";

    /// <summary>Compares the recipe of a run with another one.</summary>
    /// <param name="run">The run.</param>
    /// <param name="before">The run's recipe.</param>
    /// <param name="after">The other recipe.</param>
    /// <param name="afterRun">The other recipe as it would be recorded now.</param>
    /// <exception cref="RecipeException">The other recipe is not valid YAML.</exception>
    public static RecipeAgreement Of(RunRow run, RecipeFile before, RecipeFile after, RunRow afterRun)
    {
        IReadOnlyList<RecipeDifference> keys = RecipeDifference.Between(run.Recipe, after.Text, after.Source ?? "recipe");
        Dictionary<string, string> old = DataOf(before, run), now = DataOf(after, afterRun);
        string[] data = [.. old.Keys.Union(now.Keys).Where(key => old.GetValueOrDefault(key) != now.GetValueOrDefault(key))];
        HashSet<string> parts = [.. keys.Select(k => k.Key).Concat(data).Select(PartOf).Where(part => part != Name)];
        int stages = Math.Min(before.Recipe.Stages.Count, after.Recipe.Stages.Count);
        bool sameJudge = !parts.Contains(OfJudge);
        int agreed = Enumerable.Range(0, stages).TakeWhile(
            i => !parts.Contains($"{OfStages}[{i}]") && (sameJudge || !(UsesJudge(before, i) || UsesJudge(after, i)))).Count();
        bool isAnother = parts.Any(part => part is not OfEvaluation and not OfJudge && !part.StartsWith(OfStages, StringComparison.Ordinal));
        IEnumerable<string> changed = data.Select(key => $"{key}: the file's content changed");
        return new RecipeAgreement(isAnother ? -1 : agreed, sameJudge && !parts.Contains(OfEvaluation), [.. keys.Select(k => k.ToString()), .. changed]);
    }

    /// <summary>What differs, in one line; the first few of many.</summary>
    public string Line() => RecipeDifference.Line(Differences);

    private static bool UsesJudge(RecipeFile recipe, int stage) => recipe.Recipe.Stages[stage].NeedsJudge;

    /// <summary>The part of a recipe that a key belongs to: its first word, or one stage.</summary>
    private static string PartOf(string key)
    {
        int end = key.IndexOfAny(['.', '[']);
        if (end < 0) return key;
        return key[..end] == OfStages && key[end] == '[' ? key[..(key.IndexOf(']', StringComparison.Ordinal) + 1)] : key[..end];
    }

    /// <summary>The hashes of the data files by the keys that name them. Files that the run has no hash of count as different from any other.</summary>
    private static Dictionary<string, string> DataOf(RecipeFile recipe, RunRow run)
    {
        string[] keys = [.. recipe.DataFiles().Select(file => file.Key)];
        bool isKnown = keys.Length == run.DataFiles.Count;
        return keys.Select((key, i) => (Key: key, Hash: isKnown ? run.DataFiles[i].Sha256 : $"unknown to {run.RunId}"))
            .GroupBy(file => file.Key).ToDictionary(group => group.Key, group => string.Join(' ', group.Select(file => file.Hash)));
    }
}

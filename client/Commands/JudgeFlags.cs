using System.CommandLine;
using OrleansAlign.Client.Terminal;
using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Hosting.Embedded;
using OrleansAlign.Hosting.Ledger;

namespace OrleansAlign.Client.Commands;

/// <summary>Who judges, as options of a command.</summary>
internal sealed class JudgeFlags
{
    private readonly Option<string?> judge = new("--judge") { Description = "The judge: folder of a model, a run (its latest policy), or run@hash.", HelpName = "MODEL" };
    private readonly Option<string?> recipe = new("--recipe") { Description = "Recipe whose judge section says how it is asked; left out: the run's own, else the built-in question.", HelpName = "FILE" };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(judge);
        command.Add(recipe);
    }

    /// <summary>The judge's name as given; null if none was.</summary>
    public string? Given(ParseResult parsed) => parsed.GetValue(judge);

    /// <summary>Refuses a recipe without a judge to ask by it.</summary>
    public void Check(ParseResult parsed)
    {
        if (parsed.GetValue(recipe) is not null && Given(parsed) is null) throw new BadInputException("--recipe says how a judge is asked, and there is none; name it with --judge");
    }

    /// <summary>Loads the policy that judges.</summary>
    public static async Task<LoadedPolicy> LoadAsync(string name, string runs, EngineChoice choice, CancellationToken cancel) =>
        LoadedPolicy.Load(await PolicyFolder.FindAsync(name, runs, cancel).ConfigureAwait(false), AvailableEngines.Catalog, choice);

    /// <summary>The judge that a policy makes.</summary>
    public async Task<IJudge> CreateAsync(ParseResult parsed, LoadedPolicy policy, string name, string runs, CancellationToken cancel) =>
        (await OptionsAsync(parsed, name, runs, cancel).ConfigureAwait(false)).Create(policy, runSeed: 0);

    private async Task<JudgeOptions> OptionsAsync(ParseResult parsed, string name, string runs, CancellationToken cancel)
    {
        if (parsed.GetValue(recipe) is { } file) return RecipeFile.Load(file, needFiles: false).Recipe.Judge;
        string run = name.Split('@')[0];
        if (!EmbeddedRun.Ids(runs).Contains(run)) return new JudgeOptions();
        await using SqliteLedger ledger = SqliteLedger.OpenToRead(EmbeddedRun.LedgerPath(EmbeddedRun.FolderOf(runs, run)));
        return await ledger.RunAsync(cancel).ConfigureAwait(false) is { } row ? RecipeFile.Parse(row.Recipe, $"{run}: recipe", row.Folder, needFiles: false).Recipe.Judge : new JudgeOptions();
    }
}

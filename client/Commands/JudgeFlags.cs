using System.CommandLine;
using OrleansAlign.Client.Hosts;
using OrleansAlign.Client.Terminal;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Recipes;

namespace OrleansAlign.Client.Commands;

/// <summary>The options that choose a judge, and the recipe that says how to ask it.</summary>
internal sealed class JudgeFlags
{
    private readonly Option<string?> judge = new("--judge")
    {
        Description = "The judge: folder of a model, a run (its latest policy), or run@hash.", HelpName = "MODEL",
    };

    private readonly Option<string?> recipe = new("--recipe")
    {
        Description = "Recipe whose judge section says how the judge is asked; left out, the recipe of the judge's run, else the built-in question.",
        HelpName = "FILE",
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(judge);
        command.Add(recipe);
    }

    /// <summary>The judge's name as given; null if none was.</summary>
    public string? Given(ParseResult parsed) => parsed.GetValue(judge);

    /// <summary>Refuses --recipe without --judge.</summary>
    public void Check(ParseResult parsed)
    {
        if (parsed.GetValue(recipe) is not null && Given(parsed) is null)
        {
            throw new BadInputException("--recipe says how a judge is asked, and there is none; name it with --judge");
        }
    }

    /// <summary>The recipe that says how to ask the judge: --recipe, else the recipe of the judge's run; null: the built-in question.</summary>
    public async Task<RecipeFile?> RecipeAsync(ParseResult parsed, string name, IRunHost host, CancellationToken cancel)
    {
        if (parsed.GetValue(recipe) is { } file) return RecipeFile.Load(file, needFiles: false);
        string run = name.Split('@')[0];
        if (!(await host.RunsAsync(cancel).ConfigureAwait(false)).Contains(run)) return null;
        await using ILedgerReader ledger = await host.OpenLedgerAsync(run, cancel).ConfigureAwait(false);
        return await ledger.RunAsync(cancel).ConfigureAwait(false) is { } row
            ? RecipeFile.Parse(row.Recipe, $"{run}: recipe", row.Folder, needFiles: false)
            : null;
    }
}

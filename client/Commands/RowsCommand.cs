using System.CommandLine;
using System.Text;
using OrleansAlign.Client.Terminal;
using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Core.Runs;
using OrleansAlign.Core.Stages;
using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Tokenizers;

namespace OrleansAlign.Client.Commands;

/// <summary><c>align rows</c>: the rows of a recipe's stages as they would be trained.</summary>
internal static class RowsCommand
{
    /// <summary>Marks of the trained part where there is no colour.</summary>
    private const string Open = "⟦", Close = "⟧";

    public static Command Create()
    {
        Argument<string> recipe = new("recipe") { Description = "The recipe." };
        Option<int?> stage = new("--stage") { Description = "The stage, from 0; left out, all stages.", HelpName = "N" };
        Option<int?> limit = new("--limit") { Description = "Most rows of a stage to show; left out, 10, and all with --json.", HelpName = "N" };
        Option<bool> json = new("--json") { Description = "One JSON object a row: source, stage, part, text, tokens, trained." };
        const string description = "Show the rows that a recipe's stages would train: where each comes from, its text with the trained part marked, "
            + "and what was left out. Nothing is trained.";
        var command = new Command("rows", description) { recipe, stage, limit, json };
        command.SetAction(parsed =>
        {
            RecipeFile file = RecipeFile.Load(parsed.GetRequiredValue(recipe));
            int count = file.Recipe.Stages.Count;
            if (parsed.GetValue(stage) is { } wanted && (wanted < 0 || wanted >= count))
                throw new BadInputException($"--stage {wanted}: the recipe has stages 0 to {count - 1}");
            string aside = Directory.CreateTempSubdirectory("align-rows-").FullName;
            try
            {
                ConversationEncoder encoder = Encoder(file, aside);
                foreach (string note in encoder.Notes) Console.Error.WriteLine($"note: {note}");
                var stages = new PreparedStages(
                    file.Recipe.Stages, new StageContext(file.Folder, file.Recipe.Judge, new RunSeeds(file.Recipe.Seed), encoder));
                for (int i = 0; i < count; i++)
                {
                    if (parsed.GetValue(stage) is { } only && only != i) continue;
                    (IEnumerable<TrainedRow> rows, IReadOnlyList<string> notes) = stages.Rows(i);
                    if (parsed.GetValue(json)) WriteJson(rows.Take(parsed.GetValue(limit) ?? int.MaxValue), i, encoder.Tokenizer);
                    else Print([.. rows], i, file.Recipe.Stages[i], parsed.GetValue(limit) ?? 10, encoder.Tokenizer);
                    foreach (string note in notes) Console.Error.WriteLine($"note: {note}");
                }
            }
            finally
            {
                Directory.Delete(aside, recursive: true);
            }

            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>The encoder of the recipe's model; a new model's tokenizer is trained as a run would train it.</summary>
    private static ConversationEncoder Encoder(RecipeFile file, string aside)
    {
        string folder;
        ModelConfig config;
        if (file.Recipe.Model.Path is { } path)
        {
            folder = file.Resolve(path);
            config = ModelConfigFile.Read(Path.Combine(folder, ModelConfigFile.FileName));
        }
        else
        {
            (ModelWeights weights, folder) = FirstModel.Prepare(file, new RunSeeds(file.Recipe.Seed).Weights, aside);
            config = weights.Config;
        }

        return new ConversationEncoder(folder, config).With(file.Recipe.ChatTemplate);
    }

    private static void WriteJson(IEnumerable<TrainedRow> rows, int stage, Tokenizer tokenizer)
    {
        using var output = new StreamWriter(Console.OpenStandardOutput());
        foreach (TrainedRow row in rows)
        {
            JsonLines.Write(output, new
            {
                source = row.Source.ToString(), stage, part = row.Part, text = tokenizer.Decode(row.Tokens.Tokens, skipSpecialTokens: false),
                tokens = row.Tokens.Tokens, trained = row.Trained.Select(isTrained => isTrained ? 1 : 0),
            });
        }
    }

    private static void Print(IReadOnlyList<TrainedRow> rows, int stage, StageOptions options, int limit, Tokenizer tokenizer)
    {
        Console.WriteLine($"Stage {stage}, {options.Kind}");
        foreach (TrainedRow row in rows.Take(limit))
        {
            Console.WriteLine($"  {row.Source}  {row.Part}, {row.Tokens.Tokens.Length} tokens, {row.Trained.Count(t => t)} trained");
            Console.WriteLine($"    {Marked(row, tokenizer)}");
        }

        if (rows.Count > limit) Console.WriteLine($"  … and {rows.Count - limit:N0} more; --limit shows more of them");
        int[] lengths = [.. rows.Select(r => r.Tokens.Tokens.Length).Order()];
        string parts = string.Join(", ", rows.GroupBy(r => r.Part).Select(g => $"{g.Count():N0} {g.Key}"));
        long tokens = lengths.Sum(l => (long)l), trained = rows.Sum(r => (long)r.Trained.Count(t => t));
        Console.WriteLine($"  {rows.Count:N0} rows ({parts}), {tokens:N0} tokens, {trained:N0} of them trained; "
            + $"the median row has {lengths[lengths.Length / 2]:N0}, the longest {lengths[^1]:N0}");
        if (options is PreferenceOptions { Drawn: > 0 } drawn) Console.WriteLine($"  {drawn.Drawn} answers to each prompt are drawn when the stage runs");
    }

    /// <summary>The row's text on one line, its trained stretches marked.</summary>
    private static string Marked(TrainedRow row, Tokenizer tokenizer)
    {
        bool colour = !Console.IsOutputRedirected;
        StringBuilder text = new();
        for (int from = 0, to; from < row.Trained.Count; from = to)
        {
            for (to = from + 1; to < row.Trained.Count && row.Trained[to] == row.Trained[from];) to++;
            string piece = Shared.Visible(tokenizer.Decode(row.Tokens.Tokens.AsSpan(from..to), skipSpecialTokens: false));
            text.Append(!row.Trained[from] ? piece : colour ? $"\u001b[32m{piece}\u001b[0m" : Open + piece + Close);
        }

        return text.ToString();
    }
}

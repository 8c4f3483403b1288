using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using OrleansAlign.Core.Data;
using OrleansAlign.Core.Policies;
using OrleansAlign.Models.Chat;

namespace OrleansAlign.Client.Commands;

/// <summary>What a data file holds when it is read as prompts, demonstrations or preferences: counts, lengths, rows that repeat others.</summary>
/// <param name="file">The file, folder or pattern.</param>
/// <param name="kind">What it is read as.</param>
/// <param name="columns">How its columns are read.</param>
/// <param name="encoder">Counts tokens; null if there is no model.</param>
internal sealed class DataCheck(string file, string kind, RowColumns columns, ConversationEncoder? encoder)
{
    /// <summary>What files can be read as.</summary>
    public static readonly string[] Kinds = ["prompts", "demonstrations", "preferences"];

    private const int Places = 5, ToldProblems = 20;

    private readonly DataReport report = new();
    private readonly Dictionary<string, RowSource> seen = [];

    /// <summary>Rows that are used, and how long they are.</summary>
    public List<(RowSource Row, int Length)> Characters { get; } = [];

    /// <summary>The same in tokens; empty without a model.</summary>
    public List<(RowSource Row, int Length)> Tokens { get; } = [];

    /// <summary>Rows with the content of an earlier one.</summary>
    public List<(RowSource Row, RowSource First)> Repeated { get; } = [];

    /// <summary>Preferences in which an earlier one's answers are exchanged.</summary>
    public List<(RowSource Row, RowSource First)> Contradicting { get; } = [];

    /// <summary>Rows that the model's template or tokenizer refuses: the first messages.</summary>
    public List<string> Refused { get; } = [];

    /// <summary>Number of those rows.</summary>
    public int RefusedCount { get; private set; }

    /// <summary>Rows that do not fit the model's context; a prompt must leave room for an answer.</summary>
    public IEnumerable<RowSource> TooLong => Tokens.Where(t => t.Length > encoder!.ContextLength - (kind == "prompts" ? 1 : 0)).Select(t => t.Row);

    /// <summary>What reading found.</summary>
    public DataReport Report => report;

    /// <summary>Length of the model's context; null without a model.</summary>
    public int? Context => encoder?.ContextLength;

    /// <summary>Whether a run on the file would be refused.</summary>
    public bool IsBroken => report.Broken + RefusedCount > 0;

    /// <summary>Reads the whole file.</summary>
    public void Read()
    {
        switch (kind)
        {
            case "prompts":
                foreach (Prompt row in DataFile.Prompts(file, report, columns))
                    Add(row.Source, Texts(row.Messages), [row.Variables?.ToJsonString() ?? ""], () => encoder!.Prompt(row.Messages, row.Variables).Length);
                break;
            case "demonstrations":
                foreach (Demonstration row in DataFile.Demonstrations(file, report, columns))
                {
                    Add(row.Source, Texts(row.Messages), [row.Variables?.ToJsonString() ?? ""], () => row.TrainedTurns.Max(turn =>
                        encoder!.Demonstration([.. row.Messages.Take(turn + 1)], row.Variables).Tokens.Length));
                }

                break;
            default:
                foreach (PreferenceRow row in DataFile.Preferences(file, report, columns: columns)) Add(row);
                break;
        }
    }

    /// <summary>The first of some places, each with its line alone where the file is the one that was given.</summary>
    public string First(IEnumerable<RowSource> rows)
    {
        RowSource[] all = [.. rows];
        string more = all.Length > Places ? $" and {all.Length - Places:N0} more" : "";
        return string.Join(", ", all.Take(Places).Select(Place)) + more;
    }

    /// <summary>A row's place.</summary>
    public string Place(RowSource row) => row.File == file ? $"line {row.Line.ToString(CultureInfo.InvariantCulture)}" : row.ToString();

    private void Add(PreferenceRow row)
    {
        string[] prompt = [.. Texts(row.Prompt), row.Variables?.ToJsonString() ?? "", row.Principle ?? ""];
        if (seen.TryGetValue(Key([.. prompt, row.Rejected, row.Chosen]), out RowSource other)) Contradicting.Add((row.Source, other));
        string[] longer = row.Chosen.Length > row.Rejected.Length ? [row.Chosen] : [row.Rejected];
        Add(row.Source, [.. Texts(row.Prompt), .. longer], [], () => Math.Max(
            encoder!.Answer(row.Prompt, row.Chosen, row.Variables).Tokens.Length, encoder.Answer(row.Prompt, row.Rejected, row.Variables).Tokens.Length),
            Key([.. prompt, row.Chosen, row.Rejected]));
    }

    private void Add(RowSource row, string[] texts, string[] further, Func<int> tokens, string? key = null)
    {
        key ??= Key([.. texts, .. further]);
        if (!seen.TryAdd(key, row)) Repeated.Add((row, seen[key]));
        // Texts alternate with roles, which are no part of a row's length.
        Characters.Add((row, texts.Where((_, i) => i % 2 == 1 || i == texts.Length - 1).Sum(text => text.Length)));
        if (encoder is null) return;
        try
        {
            Tokens.Add((row, tokens()));
        }
        catch (Exception error) when (error is InvalidDataException or ChatTemplateException or ArgumentException)
        {
            if (RefusedCount++ < ToldProblems) Refused.Add($"{row}: {error.Message}");
        }
    }

    private static string[] Texts(IReadOnlyList<ChatMessage> messages) =>
        [.. messages.SelectMany(m => (string[])[m.Role, m.Content + m.Extra?.ToJsonString()])];

    private static string Key(string[] parts)
    {
        var text = new StringBuilder();
        foreach (string part in parts) text.Append(part.Length.ToString(CultureInfo.InvariantCulture)).Append(':').Append(part);
        return Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())).AsSpan(0, 16));
    }
}

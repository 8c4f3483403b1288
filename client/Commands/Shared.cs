using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace OrleansAlign.Client.Commands;

/// <summary>Options that several commands share, and text and JSON as all of them print it.</summary>
internal static class Shared
{
    /// <summary>JSON as the tools write it: one line, letters not escaped.</summary>
    public static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>JSON as reports are written: the same, indented.</summary>
    public static readonly JsonSerializerOptions IndentedJson = new(Json) { WriteIndented = true };

    /// <summary>The folder of runs.</summary>
    public static Option<string> Runs() => new("--runs")
    {
        Description = "Folder in which runs are kept.", HelpName = "DIR", DefaultValueFactory = _ => "runs",
    };

    /// <summary>The number of threads.</summary>
    public static Option<int> Threads() => new("--threads")
    {
        Description = "Threads to compute with; 0 takes all cores. Results do not depend on it.", HelpName = "N", DefaultValueFactory = _ => 0,
        Validators =
        {
            result =>
            {
                if (result.Tokens is [{ Value: ['-', ..] given }]) result.AddError($"--threads {given} is not a number of threads; give 0 (all cores) or more");
            },
        },
    };

    /// <summary>A model's folder.</summary>
    public static Option<string> Model() => new("--model") { Description = "Folder of a model in Hugging Face layout.", HelpName = "DIR", Required = true };

    /// <summary>The file for results as JSON. It is tried before the work begins, so that a bad path fails at once.</summary>
    public static Option<string?> JsonFile() => new("--json")
    {
        Description = "Also write the result to this file, as JSON.", HelpName = "FILE",
        Validators =
        {
            result =>
            {
                if (result.Tokens is not [var file] || WhyNotWritable(file.Value) is not { } why) return;
                result.AddError($"--json {file.Value}: {why}; give a file that can be written");
            },
        },
    };

    /// <summary>
    /// The option that chooses a folder of runs, for commands that messages propose; quoted where a shell needs it, empty for the default folder.
    /// </summary>
    public static string RunsHint(string runs)
    {
        return runs == "runs" ? "" : $" --runs {Quoted(runs)}";
    }

    /// <summary>A path as a word of a shell's command line, quoted where the shell needs it.</summary>
    public static string Quoted(string path) => path.All(c => char.IsAsciiLetterOrDigit(c) || "/._-".Contains(c))
        ? path
        : $"'{path.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    /// <summary>
    /// Text of prompts and responses, made safe for a terminal: control characters, which could move the cursor or end the line, are shown as signs.
    /// </summary>
    public static string Visible(string text) => string.Concat(text.Select(c => c switch
    {
        '\n' => "⏎",
        '\t' => "⇥",
        _ when char.IsControl(c) => $"\\u{(int)c:x4}",
        _ => c.ToString(),
    }));

    private static string? WhyNotWritable(string path)
    {
        try
        {
            bool isNew = !File.Exists(path);
            using (new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite))
            {
            }

            if (isNew) File.Delete(path);
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return error.Message.TrimEnd('.');
        }
    }

    /// <summary>Input of the JSON-lines tools.</summary>
    public static Argument<string?> Input() => new("file") { Description = "File of JSON lines; standard input if left out.", Arity = ArgumentArity.ZeroOrOne };
}

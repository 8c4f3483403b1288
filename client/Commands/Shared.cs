using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace OrleansAlign.Client.Commands;

/// <summary>Options that several commands have, and what they mean everywhere.</summary>
internal static class Shared
{
    /// <summary>JSON as the tools write it: one line, letters as they are.</summary>
    public static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>JSON as reports are written: the same, indented.</summary>
    public static readonly JsonSerializerOptions IndentedJson = new(Json) { WriteIndented = true };

    /// <summary>The folder of runs.</summary>
    public static Option<string> Runs() => new("--runs") { Description = "Folder in which runs are kept.", HelpName = "DIR", DefaultValueFactory = _ => "runs" };

    /// <summary>The number of threads.</summary>
    public static Option<int> Threads() => new("--threads")
    {
        Description = "Threads to compute with; 0 takes all cores. Results do not depend on it.", HelpName = "N", DefaultValueFactory = _ => 0,
        Validators = { result => { if (result.GetValueOrDefault<int>() < 0) result.AddError("--threads must be 0 (all cores) or more"); } },
    };

    /// <summary>A model's folder.</summary>
    public static Option<string> Model() => new("--model") { Description = "Folder of a model in Hugging Face layout.", HelpName = "DIR", Required = true };

    /// <summary>Where to write results for programs.</summary>
    public static Option<string?> JsonFile() => new("--json") { Description = "Also write the result to this file, as JSON.", HelpName = "FILE" };

    /// <summary>Input of the JSON-lines tools.</summary>
    public static Argument<string?> Input() => new("file") { Description = "File of JSON lines; standard input if left out.", Arity = ArgumentArity.ZeroOrOne };
}

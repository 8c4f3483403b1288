using System.CommandLine;
using OrleansAlign.Client.Terminal;
using OrleansAlign.Models.Tokenizers;

namespace OrleansAlign.Client.Commands;

/// <summary><c>align tokenize</c>: texts in, ids out.</summary>
internal static class TokenizeCommand
{
    public static Command Create()
    {
        Option<string> model = Shared.Model();
        Option<bool> special = new("--special-tokens") { Description = "Add the special tokens that the tokenizer adds to a text." };
        Argument<string?> input = Shared.Input();
        var command = new Command("tokenize", "Encode texts: JSON strings in, arrays of ids out, one per line.") { input, model, special };
        command.SetAction(parsed =>
        {
            Tokenizer tokenizer = Tokenizer.Load(parsed.GetRequiredValue(model));
            using var output = new StreamWriter(Console.OpenStandardOutput());
            foreach ((string text, _) in JsonLines.Read<string>(parsed.GetValue(input), "a JSON string"))
            {
                JsonLines.Write(output, tokenizer.Encode(text, parsed.GetValue(special)));
            }

            return ExitCode.Done;
        });
        return command;
    }
}

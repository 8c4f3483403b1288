using System.CommandLine;
using OrleansAlign.Client.Terminal;
using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Engines;

namespace OrleansAlign.Client.Commands;

/// <summary><c>align logprobs</c>: token sequences in, log-probs out.</summary>
internal static class LogProbsCommand
{
    private const string Shape = "an object {\"tokens\":[…],\"promptLength\":n}";

    /// <summary>Rows scored at once; results do not depend on it.</summary>
    private const int RowsAtOnce = 64;

    public static Command Create()
    {
        Option<string> model = Shared.Model();
        EngineFlags engineFlags = new();
        Argument<string?> input = Shared.Input();
        var command = new Command("logprobs", "Score tokens: sequences in, the log-prob of each token after the prompt out, one per line.") { input, model };
        engineFlags.AddTo(command);
        command.SetAction((parsed, cancel) =>
        {
            using IPolicyEngine engine = AvailableEngines.Catalog.Create(Checkpoint.Load(parsed.GetRequiredValue(model)), engineFlags.Choice(parsed));
            using var output = new StreamWriter(Console.OpenStandardOutput());
            foreach ((Row Value, string Place)[] rows in JsonLines.Read<Row>(parsed.GetValue(input), Shape).Chunk(RowsAtOnce))
            {
                TokenSequence[] sequences = [.. rows.Select(r => Check(r.Value, r.Place, engine.Config))];
                foreach (float[] logProbs in engine.LogProbs(sequences, cancel)) JsonLines.Write(output, new { logProbs });
            }

            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    private static TokenSequence Check(Row row, string place, ModelConfig config)
    {
        if (row.Tokens is not { Length: > 0 } tokens) throw new InvalidDataException($"{place}: no tokens; each line must be {Shape}");
        if (row.PromptLength is not { } prompt) throw new InvalidDataException($"{place}: no promptLength; each line must be {Shape}");
        if (prompt < 1 || prompt > tokens.Length)
        {
            throw new InvalidDataException($"{place}: promptLength is {prompt}; it must be between 1 and the number of tokens, {tokens.Length}");
        }

        if (tokens.Length > config.ContextLength)
        {
            throw new InvalidDataException($"{place}: {tokens.Length} tokens; the model's context is {config.ContextLength}");
        }

        int wrong = Array.FindIndex(tokens, t => t < 0 || t >= config.VocabularySize);
        if (wrong >= 0) throw new InvalidDataException($"{place}: token {wrong} is {tokens[wrong]}; ids are 0 to {config.VocabularySize - 1}");
        return new TokenSequence(tokens, prompt);
    }

    private sealed record Row(int[]? Tokens, int? PromptLength);
}

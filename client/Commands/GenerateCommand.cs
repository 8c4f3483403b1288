using System.CommandLine;
using OrleansAlign.Client.Terminal;
using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Numerics;
using OrleansAlign.Models.Tokenizers;

namespace OrleansAlign.Client.Commands;

/// <summary><c>align generate</c>: prompts in, continuations out.</summary>
internal static class GenerateCommand
{
    private const string Shape = "an object {\"tokens\":[…]} or {\"prompt\":\"…\"}";

    /// <summary>Rows drawn at once; results do not depend on it.</summary>
    private const int RowsAtOnce = 64;

    public static Command Create()
    {
        Option<string> model = Shared.Model();
        EngineFlags engineFlags = new();
        SamplingFlags sampling = new();
        Option<bool> ignoreEos = new("--ignore-eos") { Description = "Go on after the end-of-text token, up to --max-new-tokens." };
        Argument<string?> input = Shared.Input();
        const string description = "Continue prompts: tokens or texts in, continuations out, one per line. "
            + "Texts are taken as they are, without a chat template.";
        var command = new Command("generate", description) { input, model, ignoreEos };
        sampling.AddTo(command);
        engineFlags.AddTo(command);
        command.SetAction((parsed, cancel) =>
        {
            string folder = parsed.GetRequiredValue(model);
            ModelWeights weights = Checkpoint.Load(folder);
            Tokenizer? tokenizer = File.Exists(Path.Combine(folder, "tokenizer.json")) ? Tokenizer.Load(folder) : null;
            int[] stops = parsed.GetValue(ignoreEos) ? [] : [.. weights.Config.EosTokenIds.Concat(tokenizer?.EosTokenId is { } eos ? [eos] : []).Distinct()];
            using IPolicyEngine engine = AvailableEngines.Catalog.Create(weights, engineFlags.Choice(parsed));
            using var output = new StreamWriter(Console.OpenStandardOutput());
            ulong number = 0;
            foreach ((Row Value, string Place)[] rows in JsonLines.Read<Row>(parsed.GetValue(input), Shape).Chunk(RowsAtOnce))
            {
                SampleRequest[] requests = [.. rows.Select(r => new SampleRequest(
                    Prompt(r.Value, r.Place, tokenizer, folder, weights.Config),
                    CounterRandom.Derive(sampling.Seed(parsed), number++),
                    sampling.Options(parsed),
                    stops))];
                foreach (Sample sample in engine.Sample(requests, cancel))
                {
                    string finish = sample.Finish == FinishReason.Stop ? "stop" : "length";
                    JsonLines.Write(output, new { tokens = sample.Tokens, text = tokenizer?.Decode(sample.Tokens), finish });
                }

                output.Flush();
            }

            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    private static int[] Prompt(Row row, string place, Tokenizer? tokenizer, string folder, ModelConfig config)
    {
        if (row.Tokens is null == row.Prompt is null)
        {
            throw new InvalidDataException($"{place}: exactly one of tokens and prompt belongs there; each line must be {Shape}");
        }

        int[] tokens = row.Tokens
            ?? tokenizer?.Encode(row.Prompt!, addSpecialTokens: true)
            ?? throw new InvalidDataException($"{folder}: no tokenizer.json, so prompts cannot be texts; give tokens, or add the file");
        if (tokens.Length == 0) throw new InvalidDataException($"{place}: the prompt is empty; give at least one token");
        if (tokens.Length >= config.ContextLength)
        {
            throw new InvalidDataException($"{place}: the prompt is {tokens.Length} tokens long; "
                + $"the model's context is {config.ContextLength}, which leaves no room to continue: shorten it");
        }

        int wrong = Array.FindIndex(tokens, t => t < 0 || t >= config.VocabularySize);
        return wrong < 0 ? tokens : throw new InvalidDataException($"{place}: token {wrong} is {tokens[wrong]}; ids are 0 to {config.VocabularySize - 1}");
    }

    private sealed record Row(int[]? Tokens, string? Prompt);
}

using System.CommandLine;
using OrleansAlign.Client.Terminal;
using OrleansAlign.Models.Engines;

namespace OrleansAlign.Client.Commands;

/// <summary>The options that say how tokens are drawn.</summary>
internal sealed class SamplingFlags
{
    private static readonly SamplingOptions Default = new();

    private readonly Option<double> temperature = new("--temperature")
    {
        Description = "Divides the logits; 0 is greedy.", HelpName = "T", DefaultValueFactory = _ => Default.Temperature,
    };

    private readonly Option<double> topP = new("--top-p")
    {
        Description = "Keep the smallest set of tokens whose mass reaches P; 1 keeps all.", HelpName = "P", DefaultValueFactory = _ => Default.TopP,
    };

    private readonly Option<int> topK = new("--top-k")
    {
        Description = "Keep the K most probable tokens; 0 keeps all.", HelpName = "K", DefaultValueFactory = _ => Default.TopK,
    };

    private readonly Option<double> minP = new("--min-p")
    {
        Description = "Keep tokens with at least this share of the best token's probability; 0 keeps all.", HelpName = "P",
        DefaultValueFactory = _ => Default.MinP,
    };

    private readonly Option<int> maxNewTokens = new("--max-new-tokens")
    {
        Description = "Most tokens to draw.", HelpName = "N", DefaultValueFactory = _ => Default.MaxNewTokens,
    };

    private readonly Option<ulong> seed = new("--seed") { Description = "Seed of the draws.", HelpName = "N", DefaultValueFactory = _ => 1 };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { temperature, topP, topK, minP, maxNewTokens, seed }) command.Add(option);
    }

    /// <summary>The seed given.</summary>
    public ulong Seed(ParseResult parsed) => parsed.GetValue(seed);

    /// <summary>The options given.</summary>
    /// <exception cref="BadInputException">A value is out of its range.</exception>
    public SamplingOptions Options(ParseResult parsed)
    {
        var options = new SamplingOptions
        {
            Temperature = parsed.GetValue(temperature),
            TopP = parsed.GetValue(topP),
            TopK = parsed.GetValue(topK),
            MinP = parsed.GetValue(minP),
            MaxNewTokens = parsed.GetValue(maxNewTokens),
        };
        return options.Problems().FirstOrDefault() is { } problem ? throw new BadInputException("--" + problem) : options;
    }
}

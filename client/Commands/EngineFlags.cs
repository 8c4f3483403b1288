using System.CommandLine;
using OrleansAlign.Core.Policies;

namespace OrleansAlign.Client.Commands;

/// <summary>The options that choose an engine and its device.</summary>
internal sealed class EngineFlags
{
    private readonly Option<EngineKind> engine = new("--engine")
    {
        Description = "managed or torchsharp.", HelpName = "NAME", DefaultValueFactory = _ => EngineKind.Managed,
    };

    private readonly Option<string> device = new("--device")
    {
        Description = "cpu, cuda or cuda:N; GPUs need --engine torchsharp.", HelpName = "NAME", DefaultValueFactory = _ => "cpu",
    };

    private readonly Option<int> threads = Shared.Threads();

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(engine);
        command.Add(device);
        command.Add(threads);
    }

    /// <summary>The options that configure this machine; on a cluster, each slot has its own device and threads.</summary>
    public Option[] OfThisMachine => [device, threads];

    /// <summary>The engine that the options choose.</summary>
    public EngineChoice Choice(ParseResult parsed) => new(parsed.GetValue(engine), parsed.GetRequiredValue(device), parsed.GetValue(threads));
}

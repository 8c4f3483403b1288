namespace OrleansAlign.Grains.Hosting;

/// <summary>What the grains of one silo are told about it.</summary>
public sealed record GrainHostOptions
{
    /// <summary>Name of the silo, unique in the cluster.</summary>
    public required string SiloName { get; init; }

    /// <summary>Version of the program.</summary>
    public required string Version { get; init; }

    /// <summary>The folder that all silos share: policies, trainer states, uploaded data.</summary>
    public required string Storage { get; init; }

    /// <summary>The device slots of this silo, by what they compute on: <c>cpu</c>, <c>cuda:N</c>. Empty on a silo without.</summary>
    public IReadOnlyList<string> Devices { get; init; } = [];

    /// <summary>Threads of each slot's engine; 0 takes all cores.</summary>
    public int Threads { get; init; }

    /// <summary>Prompts of a run that are in play at the same time. Default 96: the calls of as many fit one slot.</summary>
    public int PromptsInFlight { get; init; } = 96;

    /// <summary>Calls that wait for a slot before it refuses more. Default 256.</summary>
    public int QueueCapacity { get; init; } = 256;

    /// <summary>How long a stopping silo finishes its work before it hands back the rest. Default 25 s.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>Folder of the policies.</summary>
    public string Policies => Path.Combine(Storage, "policies");

    /// <summary>Folder of a run: its data and what its training goes on from.</summary>
    public string RunFolder(string run) => Path.Combine(Storage, "runs", run);

    /// <summary>Folder of a run's data files, laid as its recipe names them.</summary>
    public string DataFolder(string run) => Path.Combine(RunFolder(run), "data");

    /// <summary>Where an uploaded file lies.</summary>
    public string Upload(string sha256) => Path.Combine(Storage, "uploads", sha256);
}

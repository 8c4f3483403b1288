namespace OrleansAlign.Grains.Hosting;

/// <summary>The options of one silo that its grains use.</summary>
public sealed record GrainHostOptions
{
    /// <summary>Name of the silo, unique in the cluster.</summary>
    public required string SiloName { get; init; }

    /// <summary>Version of the program.</summary>
    public required string Version { get; init; }

    /// <summary>The folder that all silos share: policies, trainer states, uploaded data.</summary>
    public required string Storage { get; init; }

    /// <summary>The device of each slot of this silo: <c>cpu</c> or <c>cuda:N</c>. Empty on a silo without slots.</summary>
    public IReadOnlyList<string> Devices { get; init; } = [];

    /// <summary>Threads of each slot's engine; 0 takes all cores.</summary>
    public int Threads { get; init; }

    /// <summary>Tournaments of a run that are under way at the same time. Default 96: the calls of that many fit the queue of one slot.</summary>
    public int PromptsInFlight { get; init; } = 96;

    /// <summary>Calls that may wait for a slot; the slot refuses further ones. Default 256.</summary>
    public int QueueCapacity { get; init; } = 256;

    /// <summary>How long a stopping silo may take to finish its work; what is left then fails, and other silos do it again. Default 25 s.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>Folder of the policies.</summary>
    public string Policies => Path.Combine(Storage, "policies");

    /// <summary>Folder of a run: its data files, its tokenizer and its trainer's states.</summary>
    public string RunFolder(string run) => Path.Combine(Storage, "runs", run);

    /// <summary>Folder of a run's data files, at the relative paths that its recipe names.</summary>
    public string DataFolder(string run) => Path.Combine(RunFolder(run), "data");

    /// <summary>Path of an uploaded file.</summary>
    public string Upload(string sha256) => Path.Combine(Storage, "uploads", sha256);
}

namespace OrleansAlign.Grains.Contracts;

/// <summary>Answers clients' questions about the whole cluster.</summary>
[Alias("align.cluster")]
public interface IClusterGrain : IGrainWithStringKey
{
    /// <summary>The first call of every client: the silos and device slots of the cluster, and the program's version.</summary>
    [Alias("hello")]
    Task<ClusterInfo> HelloAsync();

    /// <summary>The runs, by name.</summary>
    [Alias("runs")]
    Task<IReadOnlyList<string>> RunsAsync();

    /// <summary>A name for a new run that no other run has: name-seedN, followed by a number if that name is taken.</summary>
    [Alias("name-run")]
    Task<string> NameRunAsync(string name, ulong seed);

    /// <summary>The policy that a name means: a hash, <c>run</c> (its latest) or <c>run@hash</c>.</summary>
    /// <exception cref="RunRefusedException">There is none.</exception>
    [Alias("find-policy")]
    Task<string> FindPolicyAsync(string name);
}

/// <summary>Version, silos and device slots of a cluster.</summary>
/// <param name="Version">Version of the program on the silo that answers.</param>
/// <param name="Silos">Names of the silos.</param>
/// <param name="Slots">The device slots.</param>
[GenerateSerializer, Immutable, Alias("align.cluster-info")]
public sealed record ClusterInfo(
    [property: Id(0)] string Version, [property: Id(1)] IReadOnlyList<string> Silos, [property: Id(2)] IReadOnlyList<DeviceSlot> Slots);

/// <summary>Takes a data file's content, in pieces, and keeps it on the storage that all silos share, under its hash.</summary>
[Alias("align.upload")]
public interface IUploadGrain : IGrainWithStringKey
{
    /// <summary>How much of the file has arrived; a client appends from there.</summary>
    [Alias("length")]
    Task<UploadState> StateAsync();

    /// <summary>Adds a piece of at most 1 MiB.</summary>
    /// <param name="offset">Where the piece belongs: the number of bytes that have arrived. A piece for another offset is not added.</param>
    /// <param name="piece">The bytes.</param>
    [Alias("append")]
    Task<UploadState> AppendAsync(long offset, byte[] piece);

    /// <summary>Checks the whole against its hash and keeps it.</summary>
    /// <exception cref="RunRefusedException">The content has another hash; it was discarded.</exception>
    [Alias("complete")]
    Task CompleteAsync();
}

/// <summary>How much of an upload has arrived.</summary>
/// <param name="Length">Bytes that have arrived.</param>
/// <param name="IsComplete">Whether the file is complete and its hash checked.</param>
[GenerateSerializer, Immutable, Alias("align.upload-state")]
public sealed record UploadState([property: Id(0)] long Length, [property: Id(1)] bool IsComplete);

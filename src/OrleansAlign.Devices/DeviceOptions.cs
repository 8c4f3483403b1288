namespace OrleansAlign.Devices;

/// <summary>How a device's work is queued and batched.</summary>
public sealed record DeviceOptions
{
    /// <summary>Most calls that may wait; further ones are refused. Calls of training have a lane of their own with the same limit. Default 256.</summary>
    public int QueueCapacity { get; init; } = 256;

    /// <summary>Most sequences of a batch of several calls; when as many wait, the batch is not delayed any longer. Default 256.</summary>
    public int MaxSequences { get; init; } = 256;

    /// <summary>The same limit in tokens, estimated at four characters per token. Default 131072.</summary>
    public long MaxTokens { get; init; } = 131_072;

    /// <summary>How long a call waits on an idle device for others to be batched with. Default 5 ms.</summary>
    public TimeSpan BatchWindow { get; init; } = TimeSpan.FromMilliseconds(5);
}

namespace OrleansAlign.Devices;

/// <summary>How a device's work is queued and put together.</summary>
public sealed record DeviceOptions
{
    /// <summary>Calls that may wait, those of training counted apart; one more is refused. Default 256.</summary>
    public int QueueCapacity { get; init; } = 256;

    /// <summary>Sequences that end the wait for more of the same kind, and the most that separate calls are put together to. Default 256.</summary>
    public int MaxSequences { get; init; } = 256;

    /// <summary>The same, in tokens, text being taken at four characters a token. Default 131072.</summary>
    public long MaxTokens { get; init; } = 131_072;

    /// <summary>How long a call waits for others that it could be put together with, while the device has nothing else to do. Default 5 ms.</summary>
    public TimeSpan BatchWindow { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>What is wrong with these options; empty if nothing is.</summary>
    public IEnumerable<string> Problems()
    {
        if (!(QueueCapacity >= 1)) yield return $"queue-capacity is {QueueCapacity}; it must be 1 or more";
        if (!(MaxSequences >= 1)) yield return $"max-sequences is {MaxSequences}; it must be 1 or more";
        if (!(MaxTokens >= 1)) yield return $"max-tokens is {MaxTokens}; it must be 1 or more";
        if (!(BatchWindow >= TimeSpan.Zero && BatchWindow <= TimeSpan.FromMinutes(1))) yield return $"batch-window is {BatchWindow}; it must be from 0 to a minute";
    }
}

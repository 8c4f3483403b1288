namespace OrleansAlign.Devices;

/// <summary>Items that are worked on together.</summary>
#pragma warning disable CA1001 // Its token source has no timer and needs no disposal; whoever wants to stop the batch may come after its end.
internal sealed class Batch
#pragma warning restore CA1001
{
    private readonly CancellationTokenSource stop = new();

    public Batch(IReadOnlyList<WorkItem> items)
    {
        Items = items;
        foreach (WorkItem item in items) item.Batch = this;
    }

    public IReadOnlyList<WorkItem> Items { get; }

    public DeviceActivity Activity => Items[0].Activity;

    /// <summary>Whether it has the device for itself. Such work changes state, so its caller learns how it really ended, never that it was given up half-way.</summary>
    public bool IsExclusive => Items[0].Key is null;

    public CancellationToken Stopping => stop.Token;

    public void Stop() => stop.Cancel();
}

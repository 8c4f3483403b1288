namespace OrleansAlign.Devices;

/// <summary>Items that go into one engine call.</summary>
#pragma warning disable CA1001 // The token source has no timer and needs no disposal; disposed, it would make Stop throw after the batch's end.
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

    /// <summary>Whether the batch is one item that needs the device alone. Such work changes state, so its caller always waits for the true result.</summary>
    public bool IsExclusive => Items[0].Key is null;

    public CancellationToken Stopping => stop.Token;

    public void Stop() => stop.Cancel();
}

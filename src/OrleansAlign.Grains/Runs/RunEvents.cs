using OrleansAlign.Core.Ports;

namespace OrleansAlign.Grains.Runs;

/// <summary>The latest events of a run, numbered, for those who watch. Told from any thread.</summary>
internal sealed class RunEvents : IProgress<RunEvent>
{
    /// <summary>Events kept; of several steps in one activity only the latest stays.</summary>
    private const int Capacity = 256;

    private readonly Lock gate = new();
    private readonly LinkedList<(long Number, RunEvent Event)> events = new();
    private TaskCompletionSource news = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long last;

    /// <inheritdoc/>
    public void Report(RunEvent value)
    {
        TaskCompletionSource told;
        lock (gate)
        {
            if (value is RunEvent.Advanced advanced && events.Last?.Value.Event is RunEvent.Advanced before && before.Activity == advanced.Activity) events.RemoveLast();
            events.AddLast((++last, value));
            if (events.Count > Capacity) events.RemoveFirst();
            (told, news) = (news, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        told.TrySetResult();
    }

    /// <summary>Events after one that is known; the number is smaller than it where the count began anew, and then all are new.</summary>
    public (long Last, IReadOnlyList<RunEvent> Events) After(long known)
    {
        lock (gate) return (last, [.. events.Where(e => e.Number > (known > last ? 0 : known)).Select(e => e.Event)]);
    }

    /// <summary>Over once there is an event after one that is known.</summary>
    public Task NewsAsync(long known)
    {
        lock (gate) return known != last ? Task.CompletedTask : news.Task;
    }

    /// <summary>Wakes those who wait, without an event.</summary>
    public void Wake()
    {
        TaskCompletionSource told;
        lock (gate) (told, news) = (news, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        told.TrySetResult();
    }
}

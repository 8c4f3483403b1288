using OrleansAlign.Core.Ports;

namespace OrleansAlign.Grains.Runs;

/// <summary>The latest events of a run, numbered, for clients that watch it. Events may be reported from any thread.</summary>
internal sealed class RunEvents : IProgress<RunEvent>
{
    /// <summary>Most events kept; of consecutive progress events of one activity only the latest is kept.</summary>
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
            var before = events.Last?.Value.Event as RunEvent.Advanced;
            if (value is RunEvent.Advanced advanced && before?.Activity == advanced.Activity) events.RemoveLast();
            events.AddLast((++last, value));
            if (events.Count > Capacity) events.RemoveFirst();
            (told, news) = (news, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        told.TrySetResult();
    }

    /// <summary>
    /// Number of the last event, and the events after number <paramref name="known"/>. If the last number is smaller than <paramref name="known"/>, the grain
    /// was activated anew and counts from 1 again: then all events are returned.
    /// </summary>
    public (long Last, IReadOnlyList<RunEvent> Events) After(long known)
    {
        lock (gate) return (last, [.. events.Where(e => e.Number > (known > last ? 0 : known)).Select(e => e.Event)]);
    }

    /// <summary>Completes once there is an event after number <paramref name="known"/>, or <see cref="Wake"/> is called.</summary>
    public Task NewsAsync(long known)
    {
        lock (gate) return known != last ? Task.CompletedTask : news.Task;
    }

    /// <summary>Completes the tasks of <see cref="NewsAsync"/> without an event.</summary>
    public void Wake()
    {
        TaskCompletionSource told;
        lock (gate) (told, news) = (news, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        told.TrySetResult();
    }
}

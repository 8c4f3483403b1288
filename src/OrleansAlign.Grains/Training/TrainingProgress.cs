using OrleansAlign.Core.Ports;
using OrleansAlign.Grains.Contracts;

namespace OrleansAlign.Grains.Training;

/// <summary>How far training is: reported from the training thread, awaited by the grain's calls.</summary>
internal sealed class TrainingProgress(TimeProvider time) : IProgress<RunEvent>
{
    /// <summary>Steps that follow each other within this time go into one reply: a reply per step would take a good part of a small model's time.</summary>
    private static readonly TimeSpan Together = TimeSpan.FromMilliseconds(200);

    private readonly Lock gate = new();
    private TaskCompletionSource news = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TrainingStatus status = new(0, 0, null, null, null);

    /// <summary>The latest progress; without policy or problem.</summary>
    public TrainingStatus Status
    {
        get
        {
            lock (gate) return status;
        }
    }

    /// <inheritdoc/>
    public void Report(RunEvent value)
    {
        if (value is not RunEvent.Advanced { Activity: "train" } advanced) return;
        TaskCompletionSource told;
        lock (gate)
        {
            status = new TrainingStatus(advanced.Done, advanced.Total, advanced.Figure, null, null);
            (told, news) = (news, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        told.TrySetResult();
    }

    /// <summary>Sets the progress back to no steps, for another job.</summary>
    public void Reset()
    {
        lock (gate) status = new TrainingStatus(0, 0, null, null, null);
    }

    /// <summary>Waits until more than <paramref name="known"/> steps are taken or the work ends, at most for <paramref name="wait"/>.</summary>
    public async Task WaitAsync(long known, Task work, TimeSpan wait)
    {
        Task more;
        lock (gate) more = status.Done > known ? Task.CompletedTask : news.Task;
        Task first = Task.WhenAny(more, work);
        await first.WaitAsync(wait, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        await work.WaitAsync(Together, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }
}

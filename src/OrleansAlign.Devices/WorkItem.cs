using OrleansAlign.Core.Policies;

namespace OrleansAlign.Devices;

/// <summary>One call that waits for the device or is executed.</summary>
internal abstract class WorkItem(DeviceActivity activity, CancellationToken cancel)
{
    public DeviceActivity Activity => activity;

    /// <summary>Items with equal keys can be one engine call; null if the item needs the device alone.</summary>
    public string? Key { get; init; }

    /// <summary>The engine that the policy runs on; meaningless without a policy.</summary>
    public EngineKind Engine { get; init; }

    /// <summary>Hash of the policy that the call needs; null for none.</summary>
    public string? Policy { get; init; }

    /// <summary>Estimated size.</summary>
    public WorkSize Size { get; init; }

    /// <summary>The caller's cancellation token.</summary>
    public CancellationToken CallerCancel => cancel;

    /// <summary>The worker's registration with <see cref="CallerCancel"/>.</summary>
    public CancellationTokenRegistration Watch { get; set; }

    /// <summary>Number of the item in the order of arrival.</summary>
    public long Number { get; set; }

    /// <summary>Time of arrival, as a time stamp.</summary>
    public long Arrived { get; set; }

    /// <summary>The item's node in the queue; null once it has left the queue.</summary>
    public LinkedListNode<WorkItem>? Place { get; set; }

    /// <summary>The batch that the item is part of; null while it waits.</summary>
    public Batch? Batch { get; set; }

    /// <summary>Whether the caller has its answer.</summary>
    public abstract bool IsOver { get; }

    /// <summary>Executes items of one key, of which this is the first; completes each, or throws.</summary>
    public abstract void Run(IReadOnlyList<WorkItem> items, DevicePolicies policies, CancellationToken stop);

    /// <summary>Completes the call with an error, unless it is complete.</summary>
    public abstract void Fail(Exception error);

    /// <summary>Completes the call as cancelled by its caller, unless it is complete.</summary>
    public abstract void Cancel();
}

/// <summary>An item whose caller awaits a value.</summary>
internal abstract class WorkItem<T>(DeviceActivity activity, CancellationToken cancel) : WorkItem(activity, cancel)
{
    /// <summary>The answer.</summary>
    public Task<T> Answer => Completion.Task;

    public override bool IsOver => Completion.Task.IsCompleted;

    // The caller's continuation must not run on the device's thread.
    protected TaskCompletionSource<T> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override void Fail(Exception error) => Completion.TrySetException(error);

    public override void Cancel() => Completion.TrySetCanceled(CallerCancel);
}

/// <summary>A call that asks one policy a list of questions, each with one answer.</summary>
/// <param name="activity">The kind of work.</param>
/// <param name="questions">The questions.</param>
/// <param name="ask">Answers the questions of one or several items in one engine call.</param>
/// <param name="cancel">The caller's cancellation token.</param>
internal sealed class QuestionsItem<TQuestion, TAnswer>(
    DeviceActivity activity, IReadOnlyList<TQuestion> questions,
    Func<PolicyCache, IReadOnlyList<TQuestion>, CancellationToken, IReadOnlyList<TAnswer>> ask, CancellationToken cancel)
    : WorkItem<IReadOnlyList<TAnswer>>(activity, cancel)
{
    private IReadOnlyList<TQuestion> Questions => questions;

    public override void Run(IReadOnlyList<WorkItem> items, DevicePolicies policies, CancellationToken stop)
    {
        QuestionsItem<TQuestion, TAnswer>[] all = [.. items.Cast<QuestionsItem<TQuestion, TAnswer>>()];
        IReadOnlyList<TAnswer> answers = ask(policies.Of(Engine), [.. all.SelectMany(item => item.Questions)], stop);
        int from = 0;
        foreach (QuestionsItem<TQuestion, TAnswer> item in all)
        {
            item.Completion.TrySetResult([.. answers.Skip(from).Take(item.Questions.Count)]);
            from += item.Questions.Count;
        }
    }
}

/// <summary>A call that needs the device alone.</summary>
internal sealed class ExclusiveItem<T>(Func<CancellationToken, T> work, CancellationToken cancel) : WorkItem<T>(DeviceActivity.Train, cancel)
{
    public override void Run(IReadOnlyList<WorkItem> items, DevicePolicies policies, CancellationToken stop) => Completion.TrySetResult(work(stop));
}

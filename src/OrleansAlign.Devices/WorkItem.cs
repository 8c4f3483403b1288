using OrleansAlign.Core.Policies;

namespace OrleansAlign.Devices;

/// <summary>One call that waits for the device or is being worked on.</summary>
internal abstract class WorkItem(DeviceActivity activity, CancellationToken cancel)
{
    public DeviceActivity Activity => activity;

    /// <summary>Items with equal keys can be one engine call; null where the item wants the device for itself.</summary>
    public string? Key { get; init; }

    /// <summary>The engine that it needs, if it needs a policy.</summary>
    public EngineKind Engine { get; init; }

    /// <summary>Hash of the policy that it needs; null for none.</summary>
    public string? Policy { get; init; }

    /// <summary>How much it is.</summary>
    public WorkSize Size { get; init; }

    /// <summary>The caller's wish to give up.</summary>
    public CancellationToken CallerCancel => cancel;

    /// <summary>The watch over <see cref="CallerCancel"/>.</summary>
    public CancellationTokenRegistration Watch { get; set; }

    /// <summary>Its place in the order of arrival.</summary>
    public long Number { get; set; }

    /// <summary>When it came, as a time stamp.</summary>
    public long Arrived { get; set; }

    /// <summary>Its place in the queue; null once it left.</summary>
    public LinkedListNode<WorkItem>? Place { get; set; }

    /// <summary>The engine call that it is part of; null while it waits.</summary>
    public Batch? Batch { get; set; }

    /// <summary>Whether the caller has its answer.</summary>
    public abstract bool IsOver { get; }

    /// <summary>Works on items of one key, this one the first; answers each, or throws.</summary>
    public abstract void Run(IReadOnlyList<WorkItem> items, DevicePolicies policies, CancellationToken stop);

    /// <summary>Answers with an error, unless there is an answer already.</summary>
    public abstract void Fail(Exception error);

    /// <summary>Answers that the caller's wish to give up was followed, unless there is an answer already.</summary>
    public abstract void Cancel();
}

/// <summary>An item whose caller awaits a value.</summary>
internal abstract class WorkItem<T>(DeviceActivity activity, CancellationToken cancel) : WorkItem(activity, cancel)
{
    /// <summary>The answer.</summary>
    public Task<T> Answer => Completion.Task;

    public override bool IsOver => Completion.Task.IsCompleted;

    // What a caller does next must not run on the device's thread.
    protected TaskCompletionSource<T> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override void Fail(Exception error) => Completion.TrySetException(error);

    public override void Cancel() => Completion.TrySetCanceled(CallerCancel);
}

/// <summary>Questions about one policy, an answer each.</summary>
/// <param name="activity">What is asked.</param>
/// <param name="questions">The questions.</param>
/// <param name="ask">Answers questions, those of several items at once.</param>
/// <param name="cancel">The caller's wish to give up.</param>
internal sealed class QuestionsItem<TQuestion, TAnswer>(
    DeviceActivity activity, IReadOnlyList<TQuestion> questions,
    Func<PolicyCache, IReadOnlyList<TQuestion>, CancellationToken, IReadOnlyList<TAnswer>> ask, CancellationToken cancel)
    : WorkItem<IReadOnlyList<TAnswer>>(activity, cancel)
{
    private IReadOnlyList<TQuestion> Questions => questions;

    public override void Run(IReadOnlyList<WorkItem> items, DevicePolicies policies, CancellationToken stop)
    {
        if (items.Count == 1)
        {
            Completion.TrySetResult(ask(policies.Of(Engine), questions, stop));
            return;
        }

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

/// <summary>Work that has the device for itself.</summary>
internal sealed class ExclusiveItem<T>(Func<CancellationToken, T> work, CancellationToken cancel) : WorkItem<T>(DeviceActivity.Train, cancel)
{
    public override void Run(IReadOnlyList<WorkItem> items, DevicePolicies policies, CancellationToken stop) => Completion.TrySetResult(work(stop));
}

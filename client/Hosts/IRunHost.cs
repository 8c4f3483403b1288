using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Recipes;

namespace OrleansAlign.Client.Hosts;

/// <summary>Where runs are kept and policies compute: folders of this machine, or a cluster. Commands work on either by this interface alone.</summary>
internal interface IRunHost : IAsyncDisposable
{
    /// <summary>The host's name in messages: <c>runs</c>, or <c>the cluster at host:30000</c>.</summary>
    string Name { get; }

    /// <summary>The option that chooses this host, for commands that messages propose; it begins with a blank, and is empty for the default host.</summary>
    string Hint { get; }

    /// <summary>Whether <see cref="BranchAsync"/> works here.</summary>
    bool CanBranch { get; }

    /// <summary>The runs, by name.</summary>
    Task<IReadOnlyList<string>> RunsAsync(CancellationToken cancel);

    /// <summary>A run's ledger, to read.</summary>
    /// <exception cref="InvalidDataException">There is no such run; the message lists the runs.</exception>
    Task<ILedgerReader> OpenLedgerAsync(string run, CancellationToken cancel);

    /// <summary>The state of an unfinished run in words: what works on it, or how to resume it.</summary>
    Task<string> OutlookAsync(string run, CancellationToken cancel);

    /// <summary>Records a new run.</summary>
    /// <param name="recipe">The recipe to run.</param>
    /// <param name="seed">The seed that everything random descends from.</param>
    /// <param name="progress">Takes the events of the work that precedes the run, such as an upload.</param>
    /// <param name="cancel">Ends the work early.</param>
    Task<IHostedRun> BeginAsync(RecipeFile recipe, ulong seed, IProgress<RunEvent> progress, CancellationToken cancel);

    /// <summary>Resumes a run that was recorded before.</summary>
    /// <param name="run">The run.</param>
    /// <param name="data">The folder where its data files are now; null: where they were. A cluster keeps the data itself and takes no folder.</param>
    /// <param name="cancel">Ends the work early.</param>
    Task<IHostedRun> ResumeAsync(string run, string? data, CancellationToken cancel);

    /// <summary>Records a new run that takes over the stages of another one on which both recipes agree.</summary>
    /// <param name="run">The run whose work is taken over.</param>
    /// <param name="recipe">The new run's recipe.</param>
    /// <param name="progress">Takes a note that says what was taken over.</param>
    /// <param name="cancel">Ends the work early.</param>
    Task<IHostedRun> BranchAsync(string run, RecipeFile recipe, IProgress<RunEvent> progress, CancellationToken cancel);

    /// <summary>Watches a run that the cluster works on.</summary>
    Task<IHostedRun> WatchAsync(string run, CancellationToken cancel);

    /// <summary>Ends the work on a run, for good or until it is resumed from its next saved state, and keeps its results.</summary>
    /// <returns>The run's state in words.</returns>
    Task<string> StopAsync(string run, bool forGood, CancellationToken cancel);

    /// <summary>Finds the policy that a user means.</summary>
    /// <param name="name">A run (its latest policy) or run@hash; in folders also a model's folder, on a cluster also a policy's hash.</param>
    /// <param name="choice">The engine to compute with.</param>
    /// <param name="cancel">Ends the work early.</param>
    Task<IHostedPolicy> FindPolicyAsync(string name, EngineChoice choice, CancellationToken cancel);
}

/// <summary>A run on its host.</summary>
internal interface IHostedRun : IAsyncDisposable
{
    /// <summary>The run as recorded.</summary>
    RunRow Row { get; }

    /// <summary>Where the run is, as in <c>in runs/demo-seed1</c> or <c>on the cluster at host:30000</c>.</summary>
    string Place { get; }

    /// <summary>Its ledger.</summary>
    ILedgerReader Ledger { get; }

    /// <summary>Whether <c>align chat</c> finds its policies.</summary>
    bool CanChat { get; }

    /// <summary>The message when Ctrl-C ends the command before the run has ended.</summary>
    string Interruption { get; }

    /// <summary>Where a policy is stored.</summary>
    string PlaceOf(string policy);

    /// <summary>Waits for the run's end; a run in a folder is executed meanwhile. Returns the final policy's hash.</summary>
    /// <exception cref="RunStoppedException">Another command paused or cancelled the run.</exception>
    Task<string> EndAsync(IProgress<RunEvent> progress, CancellationToken cancel);
}

/// <summary>A run was paused or cancelled.</summary>
/// <param name="message">What happened, and how to resume the run.</param>
internal sealed class RunStoppedException(string message) : Exception(message);

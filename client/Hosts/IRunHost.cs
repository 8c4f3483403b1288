using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Recipes;

namespace OrleansAlign.Client.Hosts;

/// <summary>Where runs live and policies work: folders of this machine, or a cluster. Commands and what they print know no difference; the two ways part here.</summary>
internal interface IRunHost : IAsyncDisposable
{
    /// <summary>What messages call it: <c>runs</c>, or <c>the cluster at host:30000</c>.</summary>
    string Name { get; }

    /// <summary>The option that leads here, as commands that are proposed to users need it; with a blank before it, empty if none is needed.</summary>
    string Hint { get; }

    /// <summary>The runs, by name.</summary>
    Task<IReadOnlyList<string>> RunsAsync(CancellationToken cancel);

    /// <summary>A run's ledger, to read.</summary>
    /// <exception cref="InvalidDataException">There is no such run; the message names those there are.</exception>
    Task<ILedgerReader> OpenLedgerAsync(string run, CancellationToken cancel);

    /// <summary>What becomes of a run that is not finished, in words: who works on it, or how to go on.</summary>
    Task<string> OutlookAsync(string run, CancellationToken cancel);

    /// <summary>Records a new run.</summary>
    /// <param name="recipe">What to do.</param>
    /// <param name="seed">The seed that everything random descends from.</param>
    /// <param name="progress">Who watches what has to be done before it begins.</param>
    /// <param name="cancel">Ends the work early.</param>
    Task<IHostedRun> BeginAsync(RecipeFile recipe, ulong seed, IProgress<RunEvent> progress, CancellationToken cancel);

    /// <summary>Goes on with a run that was recorded before.</summary>
    Task<IHostedRun> ResumeAsync(string run, CancellationToken cancel);

    /// <summary>Watches a run that others work on.</summary>
    Task<IHostedRun> WatchAsync(string run, CancellationToken cancel);

    /// <summary>Ends the work on a run at the next safe place; returns how the run stands, in words.</summary>
    Task<string> PauseAsync(string run, CancellationToken cancel);

    /// <summary>Ends the work on a run for good, what was done being kept; returns how the run stands, in words.</summary>
    Task<string> CancelAsync(string run, CancellationToken cancel);

    /// <summary>Finds the policy that a user means.</summary>
    /// <param name="name">Its name: a run (its latest policy), run@hash, and whatever else this host knows.</param>
    /// <param name="choice">What to compute with.</param>
    /// <param name="cancel">Ends the work early.</param>
    Task<IHostedPolicy> FindPolicyAsync(string name, EngineChoice choice, CancellationToken cancel);
}

/// <summary>A run as a host works on it.</summary>
internal interface IHostedRun : IAsyncDisposable
{
    /// <summary>The run as recorded.</summary>
    RunRow Row { get; }

    /// <summary>Where it is, as in <c>in runs/demo-seed1</c> or <c>on the cluster at host:30000</c>.</summary>
    string Place { get; }

    /// <summary>Its ledger.</summary>
    ILedgerReader Ledger { get; }

    /// <summary>Whether <c>align chat</c> finds its policies.</summary>
    bool CanChat { get; }

    /// <summary>What to say when the user ends the command before the run has ended.</summary>
    string Interruption { get; }

    /// <summary>Where a policy lies.</summary>
    string PlaceOf(string policy);

    /// <summary>Waits until all is done; returns the final policy's hash.</summary>
    /// <exception cref="RunStoppedException">Its owner paused or cancelled it from elsewhere.</exception>
    Task<string> EndAsync(IProgress<RunEvent> progress, CancellationToken cancel);
}

/// <summary>A run ended before its end, as its owner wished.</summary>
/// <param name="message">How, and how to go on.</param>
internal sealed class RunStoppedException(string message) : Exception(message);

using OrleansAlign.Core.Ports;

namespace OrleansAlign.Grains.Contracts;

/// <summary>Executes a run, and pauses, resumes or cancels it. A reminder activates the grain again after the loss of its silo, or of all silos.</summary>
[Alias("align.run")]
public interface IRunGrain : IGrainWithStringKey
{
    /// <summary>Records the run and begins it. All its files are read once, which may take a while. Starting the same run again changes nothing.</summary>
    /// <exception cref="RunRefusedException">The recipe or its data is wrong, a file is missing, or another run has this name.</exception>
    [Alias("start"), ResponseTimeout("00:10:00")]
    Task StartAsync(RunSubmission submission);

    /// <summary>Ends the work at the next point from which <see cref="ResumeAsync"/> can go on.</summary>
    [Alias("pause")]
    Task PauseAsync();

    /// <summary>Goes on with a run that was paused, failed or cancelled.</summary>
    [Alias("resume")]
    Task ResumeAsync();

    /// <summary>Ends the work; the rows written so far stay in the ledger.</summary>
    [Alias("cancel")]
    Task CancelAsync();

    /// <summary>The run's phase and its result or problem.</summary>
    [Alias("status")]
    Task<RunStatus> StatusAsync();

    /// <summary>The events after one that the caller knows; waits if there are none.</summary>
    /// <param name="after">Number of the last event known; 0 for none.</param>
    /// <param name="wait">How long to wait, at most 20 s.</param>
    [Alias("watch")]
    Task<RunNews> WatchAsync(long after, TimeSpan wait);
}

/// <summary>A run as a client hands it in.</summary>
/// <param name="Recipe">The recipe's YAML.</param>
/// <param name="Seed">The seed that everything random descends from.</param>
/// <param name="Files">The data files that the recipe names, by path relative to it, with the SHA-256 under which their contents were uploaded.</param>
/// <param name="Version">Version of the client.</param>
/// <param name="RecipePath">Absolute path of the recipe's file on the client's machine; null if it is not known.</param>
[GenerateSerializer, Immutable, Alias("align.run-submission")]
public sealed record RunSubmission(
    [property: Id(0)] string Recipe, [property: Id(1)] ulong Seed, [property: Id(2)] IReadOnlyList<SubmittedFile> Files, [property: Id(3)] string Version,
    [property: Id(4)] string? RecipePath = null);

/// <summary>A data file of a submitted run.</summary>
/// <param name="Path">Its path relative to the recipe, with forward slashes.</param>
/// <param name="Sha256">Hash of its content, in lower-case hexadecimal.</param>
[GenerateSerializer, Immutable, Alias("align.submitted-file")]
public sealed record SubmittedFile([property: Id(0)] string Path, [property: Id(1)] string Sha256);

/// <summary>The phases of a run.</summary>
[GenerateSerializer, Alias("align.run-phase")]
public enum RunPhase
{
    /// <summary>The run was not started.</summary>
    Unknown,

    /// <summary>The run is executed, or will be as soon as a silo is available.</summary>
    Running,

    /// <summary>The run's owner paused it; it waits to be resumed.</summary>
    Paused,

    /// <summary>The run's owner cancelled it.</summary>
    Cancelled,

    /// <summary>All stages are done.</summary>
    Finished,

    /// <summary>The run ended with an error that another attempt would meet again, such as broken data; <see cref="RunStatus.Problem"/> describes it.</summary>
    Failed,
}

/// <summary>The state of a run.</summary>
/// <param name="Phase">The run's phase.</param>
/// <param name="Problem">Why the run failed; null unless it did.</param>
/// <param name="Policy">Hash of the final policy, once finished.</param>
/// <param name="Silo">Name of the silo where the run's grain is active.</param>
[GenerateSerializer, Immutable, Alias("align.run-status")]
public sealed record RunStatus(
    [property: Id(0)] RunPhase Phase, [property: Id(1)] string? Problem, [property: Id(2)] string? Policy, [property: Id(3)] string Silo);

/// <summary>New events of a run.</summary>
/// <param name="Last">Number of the last event, for the next call. Numbers begin at 1 again when the run's grain is activated again.</param>
/// <param name="Events">The events, oldest first; the grain keeps only the latest, so there may be gaps.</param>
/// <param name="Status">The run's state.</param>
[GenerateSerializer, Immutable, Alias("align.run-news")]
public sealed record RunNews([property: Id(0)] long Last, [property: Id(1)] IReadOnlyList<RunEvent> Events, [property: Id(2)] RunStatus Status);

/// <summary>A request about a run is refused; the message has one line per problem.</summary>
[GenerateSerializer, Alias("align.run-refused")]
public sealed class RunRefusedException(string message) : Exception(message);

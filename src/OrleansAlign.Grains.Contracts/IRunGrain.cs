using OrleansAlign.Core.Ports;

namespace OrleansAlign.Grains.Contracts;

/// <summary>A run: its stages, its schedule, and what its owner wishes of it. A reminder brings it back after the loss of any silo, all silos included.</summary>
[Alias("align.run")]
public interface IRunGrain : IGrainWithStringKey
{
    /// <summary>Records the run and begins; all files are read once, so that it may take a while. Starting the same run again changes nothing.</summary>
    /// <exception cref="RunRefusedException">The recipe or its data is wrong, a file is missing, or another run has this name.</exception>
    [Alias("start"), ResponseTimeout("00:10:00")]
    Task StartAsync(RunSubmission submission);

    /// <summary>Ends the work at the next safe place; <see cref="ResumeAsync"/> goes on from there.</summary>
    [Alias("pause")]
    Task PauseAsync();

    /// <summary>Goes on with a run that was paused, failed or cancelled.</summary>
    [Alias("resume")]
    Task ResumeAsync();

    /// <summary>Ends the work; what was done stays in the ledger.</summary>
    [Alias("cancel")]
    Task CancelAsync();

    /// <summary>How the run stands.</summary>
    [Alias("status")]
    Task<RunStatus> StatusAsync();

    /// <summary>What happened after an event that the caller knows; waits for news if there is none.</summary>
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
[GenerateSerializer, Immutable, Alias("align.run-submission")]
public sealed record RunSubmission(
    [property: Id(0)] string Recipe, [property: Id(1)] ulong Seed, [property: Id(2)] IReadOnlyList<SubmittedFile> Files, [property: Id(3)] string Version);

/// <summary>A data file of a submitted run.</summary>
/// <param name="Path">Its path relative to the recipe, with forward slashes.</param>
/// <param name="Sha256">Hash of its content, in lower-case hexadecimal.</param>
[GenerateSerializer, Immutable, Alias("align.submitted-file")]
public sealed record SubmittedFile([property: Id(0)] string Path, [property: Id(1)] string Sha256);

/// <summary>How a run stands.</summary>
[GenerateSerializer, Alias("align.run-phase")]
public enum RunPhase
{
    /// <summary>Nobody started it.</summary>
    Unknown,

    /// <summary>It is being worked on, or will be as soon as a silo can.</summary>
    Running,

    /// <summary>It waits for its owner.</summary>
    Paused,

    /// <summary>Its owner ended it.</summary>
    Cancelled,

    /// <summary>All its stages are done.</summary>
    Finished,

    /// <summary>Something is wrong that waiting does not mend; the problem says what.</summary>
    Failed,
}

/// <summary>How a run stands, in words.</summary>
/// <param name="Phase">How it stands.</param>
/// <param name="Problem">What is wrong, if it failed.</param>
/// <param name="Policy">Hash of the final policy, once finished.</param>
/// <param name="Silo">Name of the silo that has the run's grain.</param>
[GenerateSerializer, Immutable, Alias("align.run-status")]
public sealed record RunStatus([property: Id(0)] RunPhase Phase, [property: Id(1)] string? Problem, [property: Id(2)] string? Policy, [property: Id(3)] string Silo);

/// <summary>News of a run.</summary>
/// <param name="Last">Number of the last event; ask for what comes after it. It begins anew where the run's grain did.</param>
/// <param name="Events">What happened, oldest first; where much did, only the latest of it.</param>
/// <param name="Status">How the run stands.</param>
[GenerateSerializer, Immutable, Alias("align.run-news")]
public sealed record RunNews([property: Id(0)] long Last, [property: Id(1)] IReadOnlyList<RunEvent> Events, [property: Id(2)] RunStatus Status);

/// <summary>A request about a run that cannot be met; the message is one clear line per problem.</summary>
[GenerateSerializer, Alias("align.run-refused")]
public sealed class RunRefusedException(string message) : Exception(message);

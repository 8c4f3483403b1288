using System.Data.Common;
using Orleans.Runtime.Messaging;
using Orleans.Storage;
using OrleansAlign.Core.Telemetry;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Grains.Contracts.Remote;

/// <summary>
/// Makes calls that may fail because silos come and go. A failed call is made again, after pauses that grow and differ from caller to caller, until it
/// succeeds or <see cref="Patience"/> ends.
/// </summary>
/// <remarks>
/// After a time-out the outcome is unknown, so a method called through here must be idempotent: all of this project's grains are, by the keys of their rows.
/// A refusal that would repeat (a broken recipe, a missing policy) is not tried again.
/// </remarks>
/// <param name="time">Clock of the pauses.</param>
/// <param name="name">Name of the caller: the random part of the pauses derives from it, so that many callers do not call again at the same moment.</param>
public sealed class RemoteCalls(TimeProvider time, string name)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50), LongestPause = TimeSpan.FromSeconds(1);

    private readonly ulong seed = CounterRandom.Derive(0, name);
    private long draws;

    /// <summary>How long a call is tried again after it first failed. Default 5 minutes.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Counts durations, retries and failures; null to count nothing.</summary>
    public AlignMetrics? Metrics { get; init; }

    /// <summary>Invoked before each call that is made again.</summary>
    public Action<RetriedCall>? Retrying { get; init; }

    /// <summary>Makes a call.</summary>
    /// <param name="what">What is called, as metrics and messages name it, such as <c>generator.draw</c>.</param>
    /// <param name="call">The call.</param>
    /// <param name="cancel">Ends the wait; a call under way goes on unobserved.</param>
    /// <exception cref="TimeoutException">Patience ended: the message names the call, how long it was tried, and the last error.</exception>
    public Task<T> RunAsync<T>(string what, Func<Task<T>> call, CancellationToken cancel) => RunAsync(what, _ => call(), cancel);

    /// <inheritdoc cref="RunAsync{T}(string, Func{Task{T}}, CancellationToken)"/>
    public Task RunAsync(string what, Func<Task> call, CancellationToken cancel) => RunAsync(what, _ => call(), cancel);

    /// <inheritdoc cref="RunAsync{T}(string, Func{Task{T}}, CancellationToken)"/>
    /// <param name="what">What is called.</param>
    /// <param name="call">The call. Its argument is the number of earlier attempts, so that another attempt can go to another slot.</param>
    /// <param name="cancel">Ends the wait.</param>
    public Task RunAsync(string what, Func<int, Task> call, CancellationToken cancel) => RunAsync(what, async attempt =>
    {
        await call(attempt).ConfigureAwait(false);
        return true;
    }, cancel);

    /// <inheritdoc cref="RunAsync(string, Func{int, Task}, CancellationToken)"/>
    public async Task<T> RunAsync<T>(string what, Func<int, Task<T>> call, CancellationToken cancel)
    {
        long begun = time.GetTimestamp(), troubled = 0;
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                T result = await call(attempt).WaitAsync(cancel).ConfigureAwait(false);
                Metrics?.Record(AlignSeries.CallDuration, time.GetElapsedTime(begun), what);
                return result;
            }
            catch (Exception error) when (!cancel.IsCancellationRequested)
            {
                if (attempt == 0) troubled = time.GetTimestamp();
                if (!Passes(error))
                {
                    Metrics?.Add(AlignSeries.Failures, 1, what);
                    throw;
                }

                TimeSpan waited = time.GetElapsedTime(begun), pause = Pause(attempt);
                if (time.GetElapsedTime(troubled) + pause > Patience)
                {
                    Metrics?.Add(AlignSeries.Failures, 1, what);
                    string last = error.Message.TrimEnd('.');
                    throw new TimeoutException($"waited {InWords(waited)} for {what}, in {attempt + 1} attempts; the last one: {last}", error);
                }

                Metrics?.Add(AlignSeries.Retries, 1, what);
                Retrying?.Invoke(new RetriedCall(what, attempt + 1, waited, pause, error));
                await WaitAsync(pause, cancel).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Whether the same call may succeed later: a silo is busy, lost or not up yet, a call timed out, or a database is not available.</summary>
    public static bool Passes(Exception error) => error
        is SlotBusyException or TimeoutException or OperationCanceledException or OrleansMessageRejectionException or ConnectionFailedException
        or ClientNotAvailableException or GatewayTooBusyException or LimitExceededException or InconsistentStateException or DbException { IsTransient: true }
        || error.GetType() == typeof(OrleansException);

    /// <summary>A random time between half of a pause and all of it; the pause doubles from attempt to attempt.</summary>
    private TimeSpan Pause(int attempt)
    {
        TimeSpan whole = attempt < 16 ? FirstPause * (1 << attempt) : LongestPause;
        return (whole < LongestPause ? whole : LongestPause) * (0.5 + (0.5 * CounterRandom.Uniform(seed, (ulong)Interlocked.Increment(ref draws))));
    }

    private async Task WaitAsync(TimeSpan pause, CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(pause, time);
        await timer.WaitForNextTickAsync(cancel).ConfigureAwait(false);
    }

    private static string InWords(TimeSpan time) => time.TotalMinutes >= 1 ? $"{(int)time.TotalMinutes} min {time.Seconds} s" : $"{time.TotalSeconds:F1} s";
}

/// <summary>A call that is about to be made again.</summary>
/// <param name="Call">What is called.</param>
/// <param name="Attempts">Number of attempts so far.</param>
/// <param name="Waited">Time since the first attempt.</param>
/// <param name="Pause">Time until the next attempt.</param>
/// <param name="Error">The error of the last attempt.</param>
public sealed record RetriedCall(string Call, int Attempts, TimeSpan Waited, TimeSpan Pause, Exception Error);

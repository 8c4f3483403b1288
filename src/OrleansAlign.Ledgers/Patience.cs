using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Ledgers;

/// <summary>The pauses between attempts, exponential with a random part, and the limit to their total.</summary>
/// <param name="limit">How long after its beginning a call may still try again.</param>
/// <param name="clock">The time.</param>
internal sealed class Patience(TimeSpan limit, TimeProvider clock)
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(20), Longest = TimeSpan.FromSeconds(2);

    // The pauses of several processes must differ, or all would call a restarting server at the same moment. No result depends on them.
    private readonly ulong seed = CounterRandom.Derive(0, $"{Environment.MachineName}/{Environment.ProcessId}");
    private long draws;

    public TimeSpan Limit => limit;

    /// <summary>The present moment, for <see cref="IsOver"/>.</summary>
    public long Now => clock.GetTimestamp();

    /// <summary>Whether a call that began at <paramref name="start"/> may not try again.</summary>
    public bool IsOver(long start) => clock.GetElapsedTime(start) >= limit;

    /// <summary>Waits before attempt <paramref name="attempt"/> + 1: 20 ms, doubled each time up to 2 s; the second half of the pause is random.</summary>
    public Task WaitAsync(int attempt, CancellationToken cancel)
    {
        TimeSpan longest = attempt < 8 ? First * (1 << attempt) : Longest;
        double part = 0.5 + (0.5 * CounterRandom.Uniform(seed, (ulong)Interlocked.Increment(ref draws)));
        return Task.Delay((longest < Longest ? longest : Longest) * part, clock, cancel);
    }
}

using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Ledgers;

/// <summary>Waits between attempts: ever longer, never quite alike, and only so long altogether.</summary>
/// <param name="limit">How long after its beginning a call may still try again.</param>
/// <param name="clock">The time.</param>
internal sealed class Patience(TimeSpan limit, TimeProvider clock)
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(20), Longest = TimeSpan.FromSeconds(2);

    // Waits of several processes must differ, or all of them come back to a server that starts at the same moment; nothing that is decided depends on them.
    private readonly ulong seed = CounterRandom.Derive(0, $"{Environment.MachineName}/{Environment.ProcessId}");
    private long draws;

    public TimeSpan Limit => limit;

    /// <summary>A moment, to be asked about later.</summary>
    public long Now => clock.GetTimestamp();

    /// <summary>Whether a call that began at <paramref name="start"/> may not try again.</summary>
    public bool IsOver(long start) => clock.GetElapsedTime(start) >= limit;

    /// <summary>Waits before attempt <paramref name="attempt"/> + 1: 20 ms doubled with every attempt up to 2 s, of which the last half is drawn.</summary>
    public Task WaitAsync(int attempt, CancellationToken cancel)
    {
        TimeSpan longest = attempt < 8 ? First * (1 << attempt) : Longest;
        double part = 0.5 + (0.5 * CounterRandom.Uniform(seed, (ulong)Interlocked.Increment(ref draws)));
        return Task.Delay((longest < Longest ? longest : Longest) * part, clock, cancel);
    }
}

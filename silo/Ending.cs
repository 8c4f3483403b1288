using System.Runtime.InteropServices;

namespace OrleansAlign.Silo;

/// <summary>
/// Ends a silo on a signal: the first lets it finish its work and leave the cluster; a second signal, or the end of its time limit, ends it at once.
/// </summary>
internal sealed class Ending : IDisposable
{
    /// <summary>Longest wait for the last log lines to be written.</summary>
    private static readonly TimeSpan TimeToWrite = TimeSpan.FromSeconds(2);

    private readonly PosixSignalRegistration[] registrations;
    private readonly IHostApplicationLifetime lifetime;
    private readonly ILoggerFactory logs;
    private readonly TimeSpan limit;
    private readonly ILogger log;
    private readonly TimeProvider clock;
    private ITimer? timer;
    private int signals;

    /// <summary>Listens to SIGTERM, SIGINT and SIGQUIT.</summary>
    /// <param name="host">The silo's host.</param>
    /// <param name="limit">Time to finish and leave.</param>
    /// <param name="log">The log.</param>
    /// <param name="clock">The time.</param>
    public Ending(IHost host, TimeSpan limit, ILogger log, TimeProvider clock)
    {
        lifetime = host.Services.GetRequiredService<IHostApplicationLifetime>();
        logs = host.Services.GetRequiredService<ILoggerFactory>();
        (this.limit, this.log, this.clock) = (limit, log, clock);
        PosixSignal[] ends = [PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT];
        registrations = [.. ends.Select(signal => PosixSignalRegistration.Create(signal, OnSignal))];
    }

    /// <summary>Whether a signal has come.</summary>
    public bool IsWanted => Volatile.Read(ref signals) > 0;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in registrations) registration.Dispose();
        timer?.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        string name = $"{context.Signal}";
        if (Interlocked.Increment(ref signals) > 1)
        {
            log.EndsAtOnce(name);
            Exit();
            return;
        }

        double seconds = limit.TotalSeconds;
        log.Leaving(name, seconds);
        timer = clock.CreateTimer(_ => TooLate(), null, limit + TimeSpan.FromSeconds(5), Timeout.InfiniteTimeSpan);
        lifetime.StopApplication();
    }

    private void TooLate()
    {
        double seconds = limit.TotalSeconds;
        log.TooLate(seconds);
        Exit();
    }

    /// <summary>Ends the process once the log is written, without its exit handlers: they may wait for threads that wait for a database.</summary>
    private void Exit()
    {
        Task.Run(logs.Dispose).Wait(TimeToWrite);
        if (OperatingSystem.IsWindows()) Environment.Exit(1);
        else ExitAtOnce(1);
    }

    [DllImport("libc", EntryPoint = "_exit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern void ExitAtOnce(int code);
}

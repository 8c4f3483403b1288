using System.Runtime.InteropServices;

namespace OrleansAlign.Silo;

/// <summary>Ends a silo on a signal: the first lets it finish and leave the cluster, the second ends it at once, and so does a time that is up.</summary>
internal sealed class Ending : IDisposable
{
    private readonly PosixSignalRegistration[] registrations;
    /// <summary>How long the last lines may take to be written.</summary>
    private static readonly TimeSpan TimeToWrite = TimeSpan.FromSeconds(2);

    private readonly IHostApplicationLifetime lifetime;
    private readonly ILoggerFactory logs;
    private readonly TimeSpan limit;
    private readonly ILogger log;
    private readonly TimeProvider clock;
    private ITimer? timer;
    private int signals;

    /// <summary>Listens to SIGTERM, SIGINT and SIGQUIT.</summary>
    /// <param name="host">What is to end.</param>
    /// <param name="limit">How long it may take.</param>
    /// <param name="log">Where what happens is told.</param>
    /// <param name="clock">The time.</param>
    public Ending(IHost host, TimeSpan limit, ILogger log, TimeProvider clock)
    {
        lifetime = host.Services.GetRequiredService<IHostApplicationLifetime>();
        logs = host.Services.GetRequiredService<ILoggerFactory>();
        (this.limit, this.log, this.clock) = (limit, log, clock);
        registrations = [.. new[] { PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT }.Select(signal => PosixSignalRegistration.Create(signal, OnSignal))];
    }

    /// <summary>Whether a signal came.</summary>
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

    /// <summary>Ends the process once the log is written. Nobody is asked whether he agrees: what runs at a process's end may wait for threads that wait for a database.</summary>
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

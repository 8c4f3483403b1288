using System.Diagnostics;
using OrleansAlign.Tests;
using Xunit.Abstractions;

namespace OrleansAlign.Silo.Tests.Processes;

/// <summary>How a silo ends.</summary>
[Collection(nameof(PostgresGroup))]
public sealed class EndingTests(PostgresServer server, ITestOutputHelper output)
{
    [PostgresFact]
    public async Task A_signal_lets_a_silo_leave_and_its_exit_code_is_0()
    {
        await using SmallSilos silos = new(server);
        SmallSilos.Started stays = silos.Start("stays", "Clustering=postgres"), leaves = silos.Start("leaves", "Clustering=postgres");
        await stays.Process.ActiveAsync();
        await leaves.Process.ActiveAsync();

        long told = Stopwatch.GetTimestamp();
        await leaves.Process.SignalAsync("TERM");
        int code = await leaves.Process.EndAsync();
        TimeSpan took = Stopwatch.GetElapsedTime(told);

        output.WriteLine($"left {took.TotalSeconds:0.0} s after SIGTERM");
        Assert.True(code == 0, string.Join('\n', leaves.Process.Lines));
        Assert.True(took < TimeSpan.FromSeconds(5 + 10 + 5 + 5), $"{took}");
        Assert.Equal(["leaves"], silos.With(SiloStatus.Dead));
        Assert.Contains(leaves.Process.Lines, l => l.EndsWith("silo leaves has left the cluster", StringComparison.Ordinal));
    }

    [PostgresFact]
    public async Task A_second_signal_ends_a_silo_that_cannot_leave()
    {
        using PostgresServer own = new();
        await using SmallSilos silos = new(own);
        SmallSilos.Started silo = silos.Start("stuck", "Clustering=postgres", "DrainSeconds=600");
        await silo.Process.ActiveAsync();

        // Without the database the silo cannot tell the others that it leaves.
        own.Stop();
        await silo.Process.SignalAsync("TERM");
        await silo.Process.LineAsync("finishing, then leaving the cluster, within 610 s");

        // SIGINT would do the same, but a process that a shell started in the background may have it ignored.
        await silo.Process.SignalAsync("TERM");

        Assert.Equal(1, await silo.Process.EndAsync());
        Assert.Contains(silo.Process.Lines, l => l.EndsWith("SIGTERM again: ending at once", StringComparison.Ordinal));
    }
}

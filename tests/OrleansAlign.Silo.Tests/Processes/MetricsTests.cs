using System.Diagnostics;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Tests;

namespace OrleansAlign.Silo.Tests.Processes;

/// <summary>A run on real silos, and what Prometheus then sees of it.</summary>
[Collection(nameof(PostgresGroup))]
public sealed class MetricsTests(PostgresServer server)
{
    [PostgresFact]
    public async Task A_run_on_two_silos_ends_and_is_seen_in_metrics_that_promtool_approves_of()
    {
        await using SmallSilos silos = new(server);
        SmallSilos.Started coordinator = silos.Start("c0", "Role=coordinator", "Clustering=postgres"), device = silos.Start("d0", "Role=device", "Clustering=postgres");
        await coordinator.Process.ActiveAsync();
        await device.Process.ActiveAsync();
        await Until.TrueAsync("ready", async () => (await silos.GetAsync(device.Url + "/health/ready")).Status == 200);
        IClusterClient client = await silos.ClientAsync(coordinator.Gateway);
        IRunGrain run = client.GetGrain<IRunGrain>(GrainKeys.Run("small-seed7"));

        await run.StartAsync(SmallSubmission.Lay(silos.Storage, 7, SiloHost.Version));
        RunStatus status = await SmallSubmission.EndAsync(run).WaitAsync(TimeSpan.FromMinutes(8));

        Assert.True(status.Phase == RunPhase.Finished, status.Problem);
        string[] pages = [(await silos.GetAsync(coordinator.Url + "/metrics")).Text, (await silos.GetAsync(device.Url + "/metrics")).Text];
        string[] ours = [.. pages.SelectMany(p => p.Split('\n')).Where(l => l.StartsWith("align_", StringComparison.Ordinal)).Select(l => l.Split('{', ' ')[0]).Distinct()];
        Assert.All(["align_completions_total", "align_verdicts_total", "align_pairs_total", "align_steps_total", "align_queue_length", "align_device_idle_ratio"], name => Assert.Contains(name, ours));
        Assert.All(pages, page => Assert.Contains("\norleans_", page, StringComparison.Ordinal));
        Assert.All(pages, page => Assert.Contains("\ndotnet_", page, StringComparison.Ordinal));
        foreach (string page in pages) await CheckAsync(page);
    }

    /// <summary>Asks promtool, where it is installed, what it thinks of our series (Orleans' own names are not ours to choose).</summary>
    private static async Task CheckAsync(string page)
    {
        if (Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator).All(folder => !File.Exists(Path.Combine(folder, "promtool")))) return;

        using Process promtool = Process.Start(new ProcessStartInfo("promtool", ["check", "metrics"]) { RedirectStandardInput = true, RedirectStandardError = true, RedirectStandardOutput = true })!;
        Task<string> errors = promtool.StandardError.ReadToEndAsync(), said = promtool.StandardOutput.ReadToEndAsync();
        foreach (string line in page.Split('\n').Where(l => l.Split(' ').Take(3).Any(word => word.StartsWith("align_", StringComparison.Ordinal)))) await promtool.StandardInput.WriteAsync(line + "\n");
        promtool.StandardInput.Close();
        await promtool.WaitForExitAsync();
        Assert.True(promtool.ExitCode == 0, await errors + await said);
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Ledgers;
using OrleansAlign.Tests;
using Xunit.Abstractions;

namespace OrleansAlign.Silo.Tests.Processes;

/// <summary>A real Prometheus looks at the silos of a run.</summary>
[Collection(nameof(PostgresGroup))]
public sealed class PrometheusTests(PostgresServer server, ITestOutputHelper output)
{
    [PrometheusFact]
    public async Task At_the_end_of_a_run_the_counters_of_all_silos_are_the_ledgers_counts()
    {
        await using SmallSilos silos = new(server);
        SmallSilos.Started[] all =
        [
            silos.Start("c0", "Role=coordinator", "Clustering=postgres"),
            silos.Start("d0", "Role=device", "Clustering=postgres"),
            silos.Start("d1", "Role=device", "Clustering=postgres"),
        ];
        foreach (SmallSilos.Started silo in all) await silo.Process.ActiveAsync();
        using var prometheus = PrometheusServer.Start([.. all.Select(s => new Uri(s.Url).Authority)]);
        await Until.TrueAsync("all silos are scraped", async () => await prometheus.SumAsync(silos.Http, "up") == all.Length);
        IRunGrain run = (await silos.ClientAsync(all[0].Gateway)).GetGrain<IRunGrain>(GrainKeys.Run("small"));
        RunSubmission submission = SmallSubmission.Lay(silos.Storage, 7, SiloHost.Version);
        await Until.TrueAsync("started", async () =>
        {
            await run.StartAsync(submission);
            return true;
        });
        Assert.Null((await SmallSubmission.EndAsync(run)).Problem);

        await using PostgresLedgers ledgers = await PostgresLedgers.OpenAsync(silos.Database, TimeProvider.System);
        IRunLedger ledger = ledgers.Open("small");
        CompletionRow[] completions = [.. await ledger.CompletionsAsync(1, 1, 0, 1000), .. await ledger.CompletionsAsync(1, 2, 0, 1000)];
        PairSetRow[] sets = [.. await ledger.PairSetsAsync(1, 1, 0, 1000), .. await ledger.PairSetsAsync(1, 2, 0, 1000)];
        StepRow[] steps = [.. await ledger.StepsAsync(0, 0), .. await ledger.StepsAsync(1, 1), .. await ledger.StepsAsync(1, 2)];
        (string Series, double Count)[] expected =
        [
            ("align_completions_total", completions.Length), ("align_tokens_generated_total", completions.Sum(c => c.Tokens.Length)),
            ("align_verdicts_total", await ledger.VerdictCountAsync()),
            ("align_prompts_total", sets.Length), ("align_matches_total", sets.Sum(s => s.Matches.Count)), ("align_pairs_total", sets.Sum(s => s.Pairs.Count)),
            ("align_steps_total", steps.Length), ("align_tokens_trained_total", steps.Sum(s => (double)s.Report.Tokens)), ("align_failures_total", 0),
        ];
        foreach ((string series, double count) in expected)
        {
            await Until.TrueAsync($"{series} is {count}", async () => await prometheus.SumAsync(silos.Http, series) == count);
            output.WriteLine($"{series} {count}");
        }

        foreach (SmallSilos.Started silo in all) await CheckAsync((await silos.GetAsync(silo.Url + "/metrics")).Text);
    }

    /// <summary>promtool finds no fault with this program's series.</summary>
    private static async Task CheckAsync(string metrics)
    {
        string own = string.Concat(metrics.Split('\n')
            .Where(line => line.StartsWith("align_", StringComparison.Ordinal) || line.StartsWith("# HELP align_", StringComparison.Ordinal)
            || line.StartsWith("# TYPE align_", StringComparison.Ordinal)).Select(line => line + "\n"));
        Assert.NotEmpty(own);
        using Process tool = Process.Start(new ProcessStartInfo("promtool", ["check", "metrics"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        await tool.StandardInput.WriteAsync(own);
        tool.StandardInput.Close();
        string said = await tool.StandardOutput.ReadToEndAsync() + await tool.StandardError.ReadToEndAsync();
        await tool.WaitForExitAsync();
        Assert.True(tool.ExitCode == 0 && said.Length == 0, said);
    }

    /// <summary>Runs only where Debian's prometheus (or another) and PostgreSQL are installed.</summary>
    private sealed class PrometheusFactAttribute : FactAttribute
    {
        public PrometheusFactAttribute() => Skip = PostgresServer.Missing
            ?? (PrometheusServer.IsThere ? null : "prometheus and promtool are not installed (Debian, Ubuntu: apt-get install prometheus)");
    }

    private sealed class PrometheusServer : IDisposable
    {
        private readonly Process process;
        private readonly string folder;
        private readonly int port;

        private PrometheusServer(Process process, string folder, int port) => (this.process, this.folder, this.port) = (process, folder, port);

        public static bool IsThere => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(
            p => File.Exists(Path.Combine(p, "prometheus")) && File.Exists(Path.Combine(p, "promtool")));

        public static PrometheusServer Start(string[] targets)
        {
            string folder = Directory.CreateTempSubdirectory("align-prometheus-").FullName, file = Path.Combine(folder, "prometheus.yml");
            File.WriteAllText(file, $"global: {{ scrape_interval: 1s, scrape_timeout: 1s }}\n"
                + $"scrape_configs:\n  - job_name: align\n    static_configs: [{{ targets: [{string.Join(", ", targets.Select(t => $"'{t}'"))}] }}]\n");
            int port = Ports.Free();
            var start = new ProcessStartInfo("prometheus",
                [$"--config.file={file}", $"--storage.tsdb.path={Path.Combine(folder, "data")}", $"--web.listen-address=127.0.0.1:{port}", "--log.level=error"])
            {
                RedirectStandardOutput = true, RedirectStandardError = true,
            };
            Process process = Process.Start(start)!;
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            return new PrometheusServer(process, folder, port);
        }

        /// <summary>A series' sum over all silos and labels; 0 if it was never recorded.</summary>
        public async Task<double> SumAsync(HttpClient http, string series)
        {
            string answer = await http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/api/v1/query?query=sum({series})"));
            using JsonDocument document = JsonDocument.Parse(answer);
            JsonElement result = document.RootElement.GetProperty("data").GetProperty("result");
            return result.GetArrayLength() == 0 ? 0 : double.Parse(result[0].GetProperty("value")[1].GetString()!, CultureInfo.InvariantCulture);
        }

        public void Dispose()
        {
            process.Kill();
            process.WaitForExit();
            process.Dispose();
            Directory.Delete(folder, recursive: true);
        }
    }
}

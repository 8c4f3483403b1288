using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging.Console;
using OrleansAlign.Core.Policies;
using OrleansAlign.Silo.Checks;
using OrleansAlign.Silo.Cluster;
using OrleansAlign.Silo.Http;
using OrleansAlign.Silo.Options;
using OrleansAlign.TorchSharp;

namespace OrleansAlign.Silo;

/// <summary>The process of one silo.</summary>
public static class SiloHost
{
    /// <summary>Exit code of a silo whose configuration is wrong.</summary>
    public const int Misconfigured = 2;

    /// <summary>Time to leave the cluster and end, after the time to drain.</summary>
    private static readonly TimeSpan TimeToLeave = TimeSpan.FromSeconds(10);

    /// <summary>Version of the program.</summary>
    public static string Version { get; } = Assembly.GetExecutingAssembly().GetName().Version!.ToString(3);

    /// <summary>Runs a silo until it is told to end.</summary>
    /// <param name="arguments">The command line.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments.Any(a => a is "--help" or "-h" or "-?")) return Say(SiloKeys.Help());
        if (arguments.Contains("--version")) return Say($"align-silo {Version}\n");

        TimeProvider clock = TimeProvider.System;
        long begun = clock.GetTimestamp();
        EngineCatalog all = new(new TorchSharpEngineFactory());
        (SiloSettings? options, IConfiguration? configuration, Prepared? prepared) = await PrepareAsync(arguments, all, clock).ConfigureAwait(false);
        if (prepared is null) return Misconfigured;

        // A silo whose slots are all managed never loads libtorch, not even for a check.
        EngineCatalog engines = options!.Devices.All(device => device == "managed") ? EngineCatalog.Managed : all;
        await using (prepared.Store.ConfigureAwait(false))
        {
            IHost host = Build(options, configuration!, prepared, engines, clock);
            await using ConfiguredAsyncDisposable disposing = ((IAsyncDisposable)host).ConfigureAwait(false);
            ILogger log = host.Services.GetRequiredService<ILoggerFactory>().CreateLogger("OrleansAlign.Silo");
            foreach (string line in Announcement.Lines(options, Version)) log.Said(line);
            using Ending ending = new(host, options.Drain + TimeToLeave, log, clock);
            try
            {
                await host.StartAsync().ConfigureAwait(false);
            }
            catch (Exception error) when (!ending.IsWanted)
            {
                log.NotStarted(error);
                return 1;
            }
            catch (OperationCanceledException)
            {
                return 0;
            }

            double seconds = clock.GetElapsedTime(begun).TotalSeconds;
            log.Active(options.SiloName, seconds);
            try
            {
                await host.WaitForShutdownAsync().ConfigureAwait(false);
            }
            catch (Exception error)
            {
                log.NotEnded(error);
                return 1;
            }

            log.Left(options.SiloName);
        }

        return 0;
    }

    private static async Task<(SiloSettings? Options, IConfiguration? Configuration, Prepared? Prepared)> PrepareAsync(
        string[] arguments, EngineCatalog engines, TimeProvider clock)
    {
        List<string> problems = [.. SiloSettingsReader.ArgumentProblems(arguments)];
        IConfigurationRoot configuration;
        try
        {
            configuration = SiloSettingsReader.Configuration(arguments, Environment.CurrentDirectory);
        }
        catch (Exception error) when (error is InvalidDataException or FormatException)
        {
            Report([.. problems, $"{(error.InnerException ?? error).Message.ReplaceLineEndings(" ")}; correct the file or the argument"]);
            return default;
        }

        (SiloSettings options, IReadOnlyList<string> wrong) = SiloSettingsReader.Read(configuration);

        // With wrong settings and no database, no folder is made or locked.
        (Prepared? prepared, IReadOnlyList<string> failed) = wrong.Count > 0 && options.Database is null
            ? (null, [])
            : await StartChecks.RunAsync(options, engines, clock).ConfigureAwait(false);
        problems.AddRange([.. wrong, .. failed]);
        if (problems.Count == 0) return (options, configuration, prepared);

        if (prepared is not null) await prepared.Store.DisposeAsync().ConfigureAwait(false);
        Report(problems);
        return default;
    }

    private static IHost Build(SiloSettings options, IConfiguration configuration, Prepared prepared, EngineCatalog engines, TimeProvider clock) =>
        new HostBuilder()
        .UseContentRoot(AppContext.BaseDirectory)
        .ConfigureHostConfiguration(host => host.AddConfiguration(configuration))
        .ConfigureLogging(log => log
            .SetMinimumLevel(LogLevel.Warning)
            .AddFilter("OrleansAlign", LogLevel.Information)

            // Orleans.Runtime.Silo warns of a choice (no server garbage collection); the other two repeat what RunAsync logs.
            .AddFilter("Orleans.Runtime.Silo", LogLevel.Error)
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None)
            .AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None)

            // Polly logs every retry of Orleans' placement while silos come and go; the caller logs the result.
            .AddFilter("Polly", LogLevel.None)

            // Streams only wake their readers: events lost with a silo are read from the ledger.
            .AddFilter("Orleans.Streams", LogLevel.Critical)
            .AddFilter("Orleans.Providers.MemoryAdapterReceiver", LogLevel.Critical)
            .AddConfiguration(configuration.GetSection("Logging"))
            .AddConsole(console => console.FormatterName = OneLineFormatter.FormatterName)
            .AddConsoleFormatter<OneLineFormatter, ConsoleFormatterOptions>())
        .ConfigureServices(services =>
        {
            services.AddSingleton(clock);
            services.AddSingleton(options);
            services.AddSingleton(prepared.Store);
            services.Configure<HostOptions>(host => host.ShutdownTimeout = options.Drain + TimeToLeave);
        })
        .UseHttp(options)
        .UseOrleans(silo => SiloSetup.Configure(silo, options, prepared, engines))
        .Build();

    private static void Report(IReadOnlyList<string> problems)
    {
        foreach (string problem in problems) Console.Error.WriteLine($"align-silo: {problem.ReplaceLineEndings(" ")}");
    }

    private static int Say(string text)
    {
        Console.Write(text);
        return 0;
    }
}

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Runtime.MembershipService.SiloMetadata;
using Orleans.Placement;
using Orleans.Streams;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Telemetry;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Grains.Contracts.Remote;
using OrleansAlign.Grains.Contracts.Wire;
using OrleansAlign.Grains.Devices;
using OrleansAlign.Grains.Runs;
using OrleansAlign.Grains.Training;

namespace OrleansAlign.Grains.Hosting;

/// <summary>Adds the grains and what they need to a silo.</summary>
public static class GrainHosting
{
    /// <summary>Name of the grain storage that the host provides.</summary>
    public const string StorageName = "align";

    /// <summary>
    /// Entries of the grain directory's cache. A prompt's grains live for seconds and are not called again, so a small cache is enough; Orleans' default would
    /// keep the addresses of half a million.
    /// </summary>
    private const int PlacesKept = 8192;

    /// <summary>How long the stream keeps an event. Events only wake the trainer; Orleans' default would keep them for half an hour.</summary>
    private static readonly TimeSpan WinnersKept = TimeSpan.FromSeconds(5);

    /// <summary>Adds grains, device slots and the stream of winners.</summary>
    /// <param name="silo">The silo. Its host provides a <see cref="TimeProvider"/>, clustering, reminders, and storage named <see cref="StorageName"/>.</param>
    /// <param name="options">The silo's options for its grains.</param>
    /// <param name="ledgers">The ledgers of all runs.</param>
    /// <param name="engines">The engines there are.</param>
    public static ISiloBuilder AddAlign(this ISiloBuilder silo, GrainHostOptions options, Func<IServiceProvider, IRunLedgers> ledgers, EngineCatalog engines)
    {
        silo.Configure<SiloOptions>(o => o.SiloName = options.SiloName);
        silo.Configure<GrainDirectoryOptions>(o => o.CacheSize = PlacesKept);
        silo.UseSiloMetadata(new Dictionary<string, string>
        {
            [SlotPlacementDirector.SiloName] = options.SiloName,
            [SlotPlacementDirector.HasDevices] = options.Devices.Count > 0 ? "true" : "false",
        });
        silo.AddMemoryStreams(Winners.StreamProvider, streams =>
        {
            // Trainers subscribe by an attribute of their class, so no subscriptions need storage.
            streams.ConfigureStreamPubSub(StreamPubSubType.ImplicitOnly);
            streams.ConfigureCacheEviction(eviction => eviction.Configure(o =>
                (o.DataMinTimeInCache, o.DataMaxAgeInCache, o.MetadataMinTimeInCache) = (WinnersKept, 2 * WinnersKept, 2 * WinnersKept)));
        });
        IServiceCollection services = silo.Services.AddDomainJson();
        services.AddPlacementFilter<SlotPlacementStrategy, SlotPlacementDirector>(ServiceLifetime.Singleton);
        services.TryAddSingleton(provider => new AlignMetrics(provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(options);
        services.AddSingleton(engines);
        services.AddSingleton(ledgers);
        services.AddSingleton<IPolicyStore>(new FilePolicyStore(options.Policies));
        services.AddSingleton<RunContexts>();
        services.AddSingleton<RunSubmissions>();
        services.AddSingleton<RunExecution>();
        services.AddSingleton<TrainerWork>();
        services.AddSingleton<RemotePorts>();
        services.AddSingleton(provider => new SlotDirectory(provider.GetRequiredService<IGrainFactory>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => Calls(provider, options));
        services.AddSingleton<SlotHost>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(provider => provider.GetRequiredService<SlotHost>());
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, RunWaker>();
        return silo;
    }

    private static RemoteCalls Calls(IServiceProvider provider, GrainHostOptions options)
    {
        ILogger<RemoteCalls> log = provider.GetRequiredService<ILogger<RemoteCalls>>();
        return new RemoteCalls(provider.GetRequiredService<TimeProvider>(), options.SiloName)
        {
            Metrics = provider.GetRequiredService<AlignMetrics>(),
            Retrying = retried => log.Retried(retried.Call, retried.Attempts, retried.Waited.TotalSeconds, retried.Error.Message),
        };
    }
}

using Npgsql;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Silo.Checks;
using OrleansAlign.Silo.Options;
using OrleansAlign.Silo.Stores;

namespace OrleansAlign.Silo.Http;

/// <summary>Checks whether a silo can work: it is an active member, the database answers, the storage can be written to, and its slots are announced.</summary>
/// <param name="options">The silo's options.</param>
/// <param name="store">Where the cluster keeps its state.</param>
/// <param name="status">The silo's own view of the cluster.</param>
/// <param name="grains">The grains.</param>
/// <param name="clock">The time.</param>
internal sealed class SiloHealth(SiloSettings options, ClusterStore store, ISiloStatusOracle status, IGrainFactory grains, TimeProvider clock)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3), Freshness = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private Task<IReadOnlyList<string>>? latest;
    private long asked;

    /// <summary>A line for each problem; empty if there is none. Answers are reused for a second, so that any number of requests costs one check.</summary>
    public Task<IReadOnlyList<string>> ProblemsAsync()
    {
        lock (gate)
        {
            if (latest is { } known && !(known.IsCompleted && clock.GetElapsedTime(asked) > Freshness)) return known;
            (latest, asked) = (AskAsync(), clock.GetTimestamp());
            return latest;
        }
    }

    private async Task<IReadOnlyList<string>> AskAsync()
    {
        string?[] answers = await Task.WhenAll(
            WithinAsync("the database does not answer", store.ProblemAsync),
            WithinAsync("the storage does not answer", _ => Task.Run(StorageProblem)),
            SiloAsync()).ConfigureAwait(false);
        return [.. answers.OfType<string>()];
    }

    private string? StorageProblem() =>
        StorageProbe.Problem(options.Storage, options.SiloName) is { } problem ? $"the storage cannot be written to: {problem}" : null;

    private async Task<string?> SiloAsync() => status.CurrentStatus != SiloStatus.Active
        ? $"the silo is {status.CurrentStatus}, not active"
        : options.Devices.Count == 0 ? null : await WithinAsync("the devices' grain does not answer", SlotsAsync).ConfigureAwait(false);

    private async Task<string?> SlotsAsync(CancellationToken cancel)
    {
        IReadOnlyList<DeviceSlot> slots = await grains.GetGrain<IDevicesGrain>(GrainKeys.Devices).SlotsAsync().WaitAsync(cancel).ConfigureAwait(false);
        int mine = slots.Count(slot => slot.Silo == options.SiloName);
        return mine == options.Devices.Count ? null : $"{mine} of {options.Devices.Count} device slots are announced";
    }

    private async Task<string?> WithinAsync(string late, Func<CancellationToken, Task<string?>> ask)
    {
        using CancellationTokenSource patience = new(Patience, clock);
        try
        {
            return await ask(patience.Token).WaitAsync(patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return $"{late} within {Patience.TotalSeconds} s";
        }
        catch (Exception error) when (error is NpgsqlException or OrleansException or TimeoutException)
        {
            return $"{late}: {error.Message.ReplaceLineEndings(" ")}";
        }
    }
}

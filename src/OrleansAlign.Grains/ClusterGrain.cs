using Orleans.Concurrency;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Ports;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Grains.Hosting;

namespace OrleansAlign.Grains;

/// <summary>Answers for the whole cluster, from what every silo can look up.</summary>
[Reentrant]
internal sealed class ClusterGrain(IRunLedgers ledgers, IPolicyStore store, GrainHostOptions options) : Grain, IClusterGrain
{
    private readonly HashSet<string> given = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public async Task<ClusterInfo> HelloAsync()
    {
        MembershipEntry[] members = await GrainFactory.GetGrain<IManagementGrain>(0).GetDetailedHosts(onlyActive: true);
        return new ClusterInfo(options.Version, [.. members.Select(m => m.SiloName).Order(StringComparer.Ordinal)], await GrainFactory.GetGrain<IDevicesGrain>(GrainKeys.Devices).SlotsAsync());
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> RunsAsync() => ledgers.RunIdsAsync();

    /// <inheritdoc/>
    public async Task<string> NameRunAsync(string name, ulong seed)
    {
        HashSet<string> taken = [.. await ledgers.RunIdsAsync(), .. given];
        string wanted = $"{name}-seed{seed}", id = wanted;
        for (int i = 2; taken.Contains(id); i++) id = $"{wanted}-{i}";
        given.Add(id);
        return id;
    }

    /// <inheritdoc/>
    public async Task<string> FindPolicyAsync(string name)
    {
        string[] parts = name.Split('@');
        IReadOnlyList<string> runs = await ledgers.RunIdsAsync();
        if (parts.Length <= 2 && runs.Contains(parts[0]))
        {
            string[] policies = [.. (await ledgers.Open(parts[0]).RoundsAsync()).Select(r => r.PolicyAfter)];
            if (policies.Length == 0) throw new RunRefusedException($"{parts[0]}: the run has no policy yet; wait for its first");
            if (parts.Length == 1) return policies[^1];
            string[] meant = [.. policies.Where(p => p.StartsWith(parts[1], StringComparison.Ordinal)).Distinct()];
            return meant is [var one] ? one : throw new RunRefusedException($"{name}: {(meant.Length == 0 ? "no policy of the run" : $"{meant.Length} policies of the run")} begins so; they are {string.Join(", ", policies.Distinct())}");
        }

        try
        {
            _ = store.Folder(name);
            return name;
        }
        catch (InvalidDataException)
        {
            throw new RunRefusedException($"{name} is neither a run nor a policy of this cluster; its runs are {(runs.Count == 0 ? "none yet" : string.Join(", ", runs))}");
        }
    }
}

using Orleans.Concurrency;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Runs;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Grains.Hosting;

namespace OrleansAlign.Grains;

/// <summary>Answers questions about the whole cluster from the membership table, the ledgers and the policy store.</summary>
[Reentrant]
internal sealed class ClusterGrain(IRunLedgers ledgers, IPolicyStore store, GrainHostOptions options) : Grain, IClusterGrain
{
    private readonly HashSet<string> given = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public async Task<ClusterInfo> HelloAsync()
    {
        MembershipEntry[] members = await GrainFactory.GetGrain<IManagementGrain>(0).GetDetailedHosts(onlyActive: true);
        IReadOnlyList<DeviceSlot> slots = await GrainFactory.GetGrain<IDevicesGrain>(GrainKeys.Devices).SlotsAsync();
        return new ClusterInfo(options.Version, [.. members.Select(m => m.SiloName).Order(StringComparer.Ordinal)], slots);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> RunsAsync() => ledgers.RunIdsAsync();

    /// <inheritdoc/>
    public async Task<string> NameRunAsync(string name, ulong seed)
    {
        HashSet<string> taken = [.. await ledgers.RunIdsAsync(), .. given];
        string id = RunNames.Candidates(name, seed).First(candidate => !taken.Contains(candidate));
        given.Add(id);
        return id;
    }

    /// <inheritdoc/>
    public async Task<string> FindPolicyAsync(string name)
    {
        (string run, string? hash) = RunNames.SplitPolicy(name);
        IReadOnlyList<string> runs = await ledgers.RunIdsAsync();
        if (runs.Contains(run))
        {
            try
            {
                return RunNames.FindPolicy(name, hash, (await ledgers.Open(run).RoundsAsync()).Select(r => r.PolicyAfter));
            }
            catch (InvalidDataException error)
            {
                throw new RunRefusedException(error.Message);
            }
        }

        try
        {
            _ = store.Folder(name);
            return name;
        }
        catch (InvalidDataException)
        {
            string known = runs.Count == 0 ? "none yet" : string.Join(", ", runs);
            throw new RunRefusedException($"{name} is neither a run nor a policy of this cluster; its runs are {known}");
        }
    }
}

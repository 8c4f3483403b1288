using System.Net;
using Orleans.Messaging;
using OrleansAlign.Tests;

namespace OrleansAlign.Silo.Tests.Schema;

/// <summary>Orleans' clustering provider over our tables. IMembershipTable documents the rules.</summary>
[Collection(nameof(PostgresGroup))]
public sealed class MembershipTests(ProviderSilo silo) : IClassFixture<ProviderSilo>
{
    private static readonly DateTime Start = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    [PostgresFact]
    public async Task A_silo_over_these_tables_is_a_cluster_of_one() =>
        Assert.Equal(SiloStatus.Active, Assert.Single(await silo.Management.GetHosts(onlyActive: true)).Value);

    [PostgresFact]
    public async Task A_new_cluster_has_a_version_and_no_silo_and_keeps_it_when_others_come()
    {
        IMembershipTable table = await silo.MembershipAsync("new");
        Assert.Empty((await table.ReadAllAsync()).Members);
        Assert.Empty((await table.ReadRowAsync(Address(1))).Members);
        Assert.Equal(0, (await table.ReadAllAsync()).Version.Version);

        Assert.True(await table.InsertRowAsync(Entry(1), (await table.ReadAllAsync()).Version.Next()));
        IMembershipTable other = await silo.MembershipAsync("new");

        Assert.Equal((1, 1), ((await other.ReadAllAsync()).Version.Version, (await other.ReadAllAsync()).Members.Count));
        Assert.Empty((await (await silo.MembershipAsync("another")).ReadAllAsync()).Members);
    }

    [PostgresFact]
    public async Task A_silo_is_read_back_as_it_was_written()
    {
        IMembershipTable table = await silo.MembershipAsync("read");
        await InsertAsync(table, Entry(1));
        await InsertAsync(table, Entry(2, SiloStatus.Joining));

        MembershipEntry one = Assert.Single((await table.ReadRowAsync(Address(1))).Members).Item1;
        MembershipEntry same = (await table.ReadAllAsync()).TryGet(Address(1))!.Item1;

        foreach (MembershipEntry read in new[] { one, same })
        {
            Assert.Equal(
                (Address(1), "silo-1", "host", SiloStatus.Active, 30001), (read.SiloAddress, read.SiloName, read.HostName, read.Status, read.ProxyPort));
            Assert.Equal((Start, Start.AddSeconds(1)), (read.StartTime, read.IAmAliveTime));
            Assert.Empty(read.SuspectTimes ?? []);
        }

        Assert.Equal(2, (await table.ReadAllAsync()).Members.Count);
    }

    [PostgresFact]
    public async Task A_change_counts_only_for_the_version_that_it_was_made_for()
    {
        IMembershipTable table = await silo.MembershipAsync("stale");
        TableVersion first = (await table.ReadAllAsync()).Version;
        Assert.True(await table.InsertRowAsync(Entry(1), first.Next()));

        Assert.False(await table.InsertRowAsync(Entry(2), first.Next()));
        Assert.False(await table.UpdateRowAsync(Entry(1, SiloStatus.Dead), "", first.Next()));

        MembershipTableData now = await table.ReadAllAsync();
        Assert.Equal((1, SiloStatus.Active), (now.Version.Version, Assert.Single(now.Members).Item1.Status));
    }

    [PostgresFact]
    public async Task A_silo_that_is_there_is_not_added_and_one_that_is_not_is_not_changed()
    {
        IMembershipTable table = await silo.MembershipAsync("twice");
        await InsertAsync(table, Entry(1));
        TableVersion version = (await table.ReadAllAsync()).Version;

        Assert.False(await table.InsertRowAsync(Entry(1, SiloStatus.Dead), version.Next()));
        Assert.False(await table.UpdateRowAsync(Entry(2), "", version.Next()));

        Assert.Equal(
            (version.Version, SiloStatus.Active), ((await table.ReadAllAsync()).Version.Version, (await table.ReadAllAsync()).Members[0].Item1.Status));
    }

    [PostgresFact]
    public async Task Of_many_changes_at_once_one_counts()
    {
        IMembershipTable table = await silo.MembershipAsync("many");
        for (int round = 0; round < 10; round++)
        {
            TableVersion version = (await table.ReadAllAsync()).Version;

            bool[] inserted = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => table.InsertRowAsync(Entry((100 * round) + i + 1), version.Next())));

            Assert.Single(inserted, true);
            Assert.Equal((round + 1, round + 1), ((await table.ReadAllAsync()).Version.Version, (await table.ReadAllAsync()).Members.Count));
        }

        MembershipTableData all = await table.ReadAllAsync();
        bool[] updated = await Task.WhenAll(all.Members.Select(m => table.UpdateRowAsync(With(m.Item1, SiloStatus.Dead), m.Item2, all.Version.Next())));
        Assert.Single(updated, true);
        Assert.Single((await table.ReadAllAsync()).Members, m => m.Item1.Status == SiloStatus.Dead);
    }

    [PostgresFact]
    public async Task Suspicions_are_kept()
    {
        IMembershipTable table = await silo.MembershipAsync("suspects");
        await InsertAsync(table, Entry(1));
        MembershipEntry suspected = Entry(1);
        suspected.SuspectTimes = [Tuple.Create(Address(2), Start), Tuple.Create(Address(3), Start.AddSeconds(5))];

        string version = (await table.ReadRowAsync(Address(1))).Members[0].Item2;
        Assert.True(await table.UpdateRowAsync(suspected, version, (await table.ReadAllAsync()).Version.Next()));

        Assert.Equal(suspected.SuspectTimes, (await table.ReadRowAsync(Address(1))).Members[0].Item1.SuspectTimes);
        Assert.Equal(2, (await table.ReadAllAsync()).Version.Version);
    }

    [PostgresFact]
    public async Task A_sign_of_life_leaves_the_version_alone()
    {
        IMembershipTable table = await silo.MembershipAsync("alive");
        await InsertAsync(table, Entry(1));
        MembershipEntry alive = Entry(1);
        alive.IAmAliveTime = Start.AddHours(1);

        await table.UpdateIAmAliveAsync(alive);

        MembershipTableData now = await table.ReadAllAsync();
        Assert.Equal((1, Start.AddHours(1)), (now.Version.Version, now.Members[0].Item1.IAmAliveTime));
    }

    [PostgresFact]
    public async Task Clients_are_told_the_silos_that_are_active_and_take_clients()
    {
        IMembershipTable table = await silo.MembershipAsync("gateways");
        await InsertAsync(table, Entry(1));
        await InsertAsync(table, Entry(2, SiloStatus.Dead));
        MembershipEntry closed = Entry(3);
        closed.ProxyPort = 0;
        await InsertAsync(table, closed);

        IGatewayListProvider gateways = await silo.GatewaysAsync("gateways");

        Assert.Equal(SiloAddress.New(IPAddress.Loopback, 30001, Address(1).Generation).ToGatewayUri(), Assert.Single(await gateways.GetGateways()));
    }

    [PostgresFact]
    public async Task Only_silos_that_are_long_dead_are_forgotten()
    {
        IMembershipTable table = await silo.MembershipAsync("defunct");
        (int Number, SiloStatus Status, int Hours)[] silos =
        [
            (1, SiloStatus.Dead, 0), (2, SiloStatus.Dead, 10), (3, SiloStatus.Active, 0), (4, SiloStatus.Joining, 0),
        ];
        foreach ((int number, SiloStatus status, int hours) in silos)
        {
            MembershipEntry entry = Entry(number, status);
            entry.IAmAliveTime = Start.AddHours(hours);
            await InsertAsync(table, entry);
        }

        await table.CleanupDefunctSiloEntriesAsync(Start.AddHours(5));

        Assert.Equal([2, 3, 4], (await table.ReadAllAsync()).Members.Select(m => m.Item1.SiloAddress.Generation).Order());
    }

    [PostgresFact]
    public async Task A_cluster_can_be_forgotten_whole_and_begin_anew()
    {
        IMembershipTable table = await silo.MembershipAsync("gone"), other = await silo.MembershipAsync("stays");
        await InsertAsync(table, Entry(1));
        await InsertAsync(other, Entry(1));

        await table.DeleteMembershipTableEntriesAsync("gone");
        await table.InitializeMembershipTableAsync(true);

        Assert.Equal((0, 0), ((await table.ReadAllAsync()).Version.Version, (await table.ReadAllAsync()).Members.Count));
        Assert.Single((await other.ReadAllAsync()).Members);
    }

    private static async Task InsertAsync(IMembershipTable table, MembershipEntry entry) =>
        Assert.True(await table.InsertRowAsync(entry, (await table.ReadAllAsync()).Version.Next()));

    private static SiloAddress Address(int number) => SiloAddress.New(IPAddress.Loopback, 11000, number);

    private static MembershipEntry Entry(int number, SiloStatus status = SiloStatus.Active) => new()
    {
        SiloAddress = Address(number), SiloName = $"silo-{number}", HostName = "host", Status = status, ProxyPort = 30000 + number, StartTime = Start,
        IAmAliveTime = Start.AddSeconds(1),
    };

    private static MembershipEntry With(MembershipEntry entry, SiloStatus status)
    {
        entry.Status = status;
        return entry;
    }
}

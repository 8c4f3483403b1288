using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using OrleansAlign.Core.Policies;
using OrleansAlign.Silo.Checks;
using OrleansAlign.Silo.Cluster;
using OrleansAlign.Silo.Options;
using OrleansAlign.Tests;

namespace OrleansAlign.Silo.Tests.Checks;

[Collection(nameof(PostgresGroup))]
public sealed class StartChecksTests(PostgresServer server) : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("align-checks-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [PostgresFact]
    public async Task Where_all_is_there_nothing_is_told_and_the_ledgers_are_open()
    {
        (Prepared? prepared, IReadOnlyList<string> problems) = await CheckAsync(Good() with { Database = server.CreateDatabase() });

        Assert.Empty(problems);
        await using (prepared!.Store) Assert.Empty(await prepared.Store.Ledgers.RunIdsAsync());
        Assert.Empty(Directory.GetFileSystemEntries(folder));
    }

    [PostgresFact]
    public async Task A_database_that_is_not_there_is_told_with_its_server_and_without_the_password()
    {
        string line = await LineAsync(Good() with { Database = $"Host=127.0.0.1;Port={FreshPort()};Database=runs;Username=someone;Password=hush-hush" });

        Assert.Matches("^Align:Database: .*127\\.0\\.0\\.1:[0-9]+, database runs, user someone: .*nothing listens there", line);
        Assert.DoesNotContain("hush", line, StringComparison.Ordinal);

        server.Start();
        Assert.Contains("\"nowhere\" does not exist", await LineAsync(Good() with { Database = server.ConnectionString("nowhere") }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_made_for_a_silo_that_shares_it_with_none()
    {
        string missing = Path.Combine(folder, "missing"), shared = Path.Combine(folder, "shared");

        (Prepared? prepared, _) = await CheckAsync(Good() with { Storage = missing });
        await prepared!.Store.DisposeAsync();
        string[] problems = [.. (await CheckAsync(Good() with { Storage = shared, Database = $"Host=127.0.0.1;Port={FreshPort()};Database=x" })).Problems];

        Assert.True(File.Exists(Path.Combine(missing, "grains.db")));
        Assert.Equal(
            $"Align:Storage is {shared}, and there is no folder {shared}; make it (mkdir -p {shared}), or mount what all silos share there", problems[1]);
        Assert.False(Directory.Exists(shared));
    }

    [Fact]
    public async Task A_second_silo_on_one_folder_is_refused_with_the_line_to_type()
    {
        SiloSettings settings = Good();
        (Prepared? first, _) = await CheckAsync(settings);

        string refused = await LineAsync(settings);
        await first!.Store.DisposeAsync();

        Assert.StartsWith(
            $"Align:Storage is {folder}, where a silo is running already; "
                + "a second silo needs PostgreSQL: start every silo with --Align:Clustering=postgres --Align:Database=", refused, StringComparison.Ordinal);
        (Prepared? again, _) = await CheckAsync(settings);
        await again!.Store.DisposeAsync();
    }

    [Fact]
    public async Task Runs_of_the_folder_and_runs_of_a_database_do_not_meet_in_one_folder()
    {
        (Prepared? prepared, _) = await CheckAsync(Good());
        await prepared!.Store.DisposeAsync();

        Assert.Contains((await CheckAsync(Good() with { Database = $"Host=127.0.0.1;Port={FreshPort()};Database=x" })).Problems,
            line => line.Contains("keeps its runs", StringComparison.Ordinal));
        string others = Directory.CreateDirectory(Path.Combine(folder, "others")).FullName;
        Directory.CreateDirectory(Path.Combine(others, "runs"));
        Assert.Contains("has runs whose ledgers are in a database", await LineAsync(Good() with { Storage = others }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_file_of_grain_state_is_told()
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "grains.db"), new string('x', 4096));

        Assert.StartsWith($"Align:Storage is {folder}, whose grains.db cannot be used: ", await LineAsync(Good()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_is_no_folder()
    {
        string file = Path.Combine(folder, "file");
        File.WriteAllText(file, "");

        Assert.Equal($"Align:Storage is {file}, which is a file; name a folder that all silos share", await LineAsync(Good() with { Storage = file }));
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_to_is_told()
    {
        // Not even root may create files in /proc.
        string line = await LineAsync(Good() with { Storage = "/proc" });

        Assert.StartsWith("Align:Storage is /proc, where nothing can be written: ", line, StringComparison.Ordinal);
        Assert.EndsWith("or name another folder", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SiloPort")]
    [InlineData("GatewayPort")]
    [InlineData("HttpPort")]
    public async Task A_port_that_another_program_has_is_told(string key)
    {
        using TcpListener other = new(IPAddress.Loopback, 0);
        other.Start();
        int port = ((IPEndPoint)other.LocalEndpoint).Port;
        SiloSettings options = key switch
        {
            "SiloPort" => Good() with { SiloPort = port },
            "GatewayPort" => Good() with { GatewayPort = port },
            _ => Good() with { HttpPort = port },
        };

        Assert.Equal($"Align:{key} is {port}, and another program listens there on 127.0.0.1; end it, or choose another port", await LineAsync(options));
    }

    [Fact]
    public async Task An_address_of_another_machine_is_told_once() =>
        Assert.Equal("Align:Listen is 192.0.2.1, which is no address of this machine; choose one that is, or 0.0.0.0 for all",
            await LineAsync(Good() with { Listen = IPAddress.Parse("192.0.2.1") }));

    [Fact]
    public async Task A_device_that_no_engine_knows_is_told()
    {
        string line = await LineAsync(Good() with { Devices = ["managed", "cuda:0", "cuda:0"] }, EngineCatalog.Managed);

        Assert.StartsWith("Align:Devices has cuda:0: engine torchsharp is not offered here", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_is_not_there_or_has_no_key_is_told()
    {
        using X509Certificate2 authority = Certificates.Authority("ours"), other = Certificates.Authority("theirs");
        using X509Certificate2 own = Certificates.Signed(authority, "silo");
        string pfx = own.WritePkcs12(At("silo.pfx"), "open"), pem = own.WritePem(At("silo.pem")), key = own.WriteKey(At("silo.key"));
        string ours = authority.WritePem(At("ours.pem")), theirs = other.WritePem(At("theirs.pem"));
        using X509Certificate2 old = Certificates.Signed(authority, "old", until: new DateTimeOffset(2021, 1, 1, 0, 0, 0, TimeSpan.Zero));

        Assert.Equal($"Align:Tls:Certificate is {At("none")}, and there is no such file; correct the path, or put the file there",
            await LineAsync(Good() with { TlsCertificate = At("none") }));
        Assert.Matches("^Align:Tls:Certificate is .*silo.pfx, which cannot be read: .*Align:Tls:Password",
            await LineAsync(Good() with { TlsCertificate = pfx, TlsPassword = "shut" }));
        Assert.Matches("^Align:Tls:Certificate is .*silo.pem, which has no private key; ", await LineAsync(Good() with { TlsCertificate = pem }));
        Assert.Matches("^Align:Tls:Certificate is .*old.pfx, which ended at 2021-01-01 00:00 UTC; renew it",
            await LineAsync(Good() with { TlsCertificate = old.WritePkcs12(At("old.pfx")) }));
        Assert.Matches("^Align:Tls:Authority is .*theirs.pem, which has not signed",
            await LineAsync(Good() with { TlsCertificate = pfx, TlsPassword = "open", TlsAuthority = theirs }));
        Assert.Matches("^Align:Tls:Authority is .*silo.key, which has no certificate in it",
            await LineAsync(Good() with { TlsCertificate = pfx, TlsPassword = "open", TlsAuthority = key }));
        SiloSettings[] good =
        [
            Good() with { TlsCertificate = pem, TlsKey = key, TlsAuthority = ours }, Good() with { TlsCertificate = pfx, TlsPassword = "open" },
        ];
        foreach (SiloSettings settings in good)
        {
            (Prepared? prepared, IReadOnlyList<string> problems) = await CheckAsync(settings);
            Assert.Empty(problems);
            await prepared!.Store.DisposeAsync();
        }
    }

    [Fact]
    public void A_peer_is_accepted_that_the_authority_has_signed_and_without_one_only_the_own_certificate()
    {
        using X509Certificate2 authority = Certificates.Authority("ours"), namesake = Certificates.Authority("ours");
        using X509Certificate2 own = Certificates.Signed(authority, "silo-1"), peer = Certificates.Signed(authority, "silo-2");
        using X509Certificate2 stranger = Certificates.Signed(namesake, "silo-3");
        SiloSettings options = Good() with { TlsCertificate = own.WritePkcs12(At("own.pfx")) };
        TlsCertificates mutual = TlsCertificates.Load(options with { TlsAuthority = authority.WritePem(At("ca.pem")) }, TimeProvider.System)!;
        TlsCertificates alone = TlsCertificates.Load(options, TimeProvider.System)!;

        Assert.Equal((true, true, false), (mutual.Accepts(own), mutual.Accepts(peer), mutual.Accepts(stranger)));
        Assert.Equal((true, false, false), (alone.Accepts(own), alone.Accepts(peer), alone.Accepts(stranger)));
        Assert.Equal((true, false), (mutual.IsMutual, alone.IsMutual));
    }

    [Fact]
    public async Task Everything_is_tried_whatever_fails()
    {
        (Prepared? prepared, IReadOnlyList<string> problems) = await CheckAsync(
            Good() with { Storage = At("none"), Devices = ["cpu"], TlsCertificate = At("none"), Database = $"Host=127.0.0.1;Port={FreshPort()};Database=x" },
            EngineCatalog.Managed);

        Assert.Null(prepared);
        Assert.Equal(
            ["Align:Database", "Align:Storage", "Align:Devices", "Align:Tls"], problems.Select(p => string.Join(':', p.Split(' ')[0].Split(':').Take(2))));
    }

    private string At(string name) => Path.Combine(folder, name);

    private SiloSettings Good() => new()
    {
        SiloName = "one", Storage = folder, SiloPort = FreshPort(), GatewayPort = FreshPort(), HttpPort = FreshPort(), Devices = ["managed"],
    };

    private static int FreshPort() => Ports.Free();

    private static Task<(Prepared? Prepared, IReadOnlyList<string> Problems)> CheckAsync(SiloSettings options, EngineCatalog? engines = null) =>
        StartChecks.RunAsync(options, engines ?? EngineCatalog.Managed, new HurriedTime());

    private static async Task<string> LineAsync(SiloSettings options, EngineCatalog? engines = null)
    {
        string line = Assert.Single((await CheckAsync(options, engines)).Problems);
        Assert.DoesNotContain('\n', line);
        return line;
    }
}

using System.Net;
using Microsoft.Extensions.Configuration;
using OrleansAlign.Silo.Options;

namespace OrleansAlign.Silo.Tests.Options;

public sealed class SiloSettingsReaderTests
{
    private static readonly (string, string)[] Enough = [("Database", "Host=db"), ("Storage", "/srv")];

    [Fact]
    public void What_is_not_said_has_the_defaults_that_help_tells()
    {
        (SiloSettings settings, IReadOnlyList<string> problems) = Read([]);

        Assert.Empty(problems);
        Assert.Equal((null, "cluster"), (settings.Database, settings.Storage));
        Assert.Equal((SiloRole.Both, ClusteringKind.Localhost), (settings.Role, settings.Clustering));
        Assert.Equal(("align", "align"), (settings.ClusterId, settings.ServiceId));
        Assert.Equal((11111, 30000, 8080), (settings.SiloPort, settings.GatewayPort, settings.HttpPort));
        Assert.Equal((IPAddress.Loopback, IPAddress.Loopback), (settings.Advertise, settings.Listen));
        Assert.Equal(["managed"], settings.Devices);
        Assert.Equal((0, 96, 256), (settings.Threads, settings.PromptsInFlight, settings.QueueCapacity));
        Assert.Equal((TimeSpan.FromSeconds(25), TimeSpan.FromSeconds(1)), (settings.Drain, settings.Probe));
        Assert.Null(settings.Token);
        Assert.EndsWith("-11111", settings.SiloName, StringComparison.Ordinal);
        Assert.All(SiloKeys.All, key => Assert.Contains($"{key.Path} ", SiloKeys.Help(), StringComparison.Ordinal));
        Assert.All(SiloKeys.All, key => Assert.Contains($"[{key.Default}]", SiloKeys.Help(), StringComparison.Ordinal));
    }

    [Fact]
    public void Every_key_is_read()
    {
        (SiloSettings settings, IReadOnlyList<string> problems) = Read(
        [
            ("Role", "Device"), ("SiloName", "gpu-1"), ("ClusterId", "c"), ("ServiceId", "s"), ("Clustering", "postgres"),
            ("Database", "Host=db"), ("Storage", "/srv"), ("SiloPort", "1"),
            ("GatewayPort", "2"), ("HttpPort", "3"), ("Advertise", "10.0.0.5"), ("Listen", "0.0.0.0"), ("Token", "secret"),
            ("Tls:Certificate", "a.pfx"), ("Tls:Key", "a.key"),
            ("Tls:Password", "p"), ("Tls:Authority", "ca.pem"), ("Devices:0", "cuda:0"), ("Devices:1", "CUDA:1"), ("Devices:2", "cpu"),
            ("Threads", "4"), ("PromptsInFlight", "5"),
            ("QueueCapacity", "6"), ("DrainSeconds", "7.5"), ("ProbeSeconds", "0.5"),
        ]);

        Assert.Empty(problems);
        SiloSettings expected = new()
        {
            Role = SiloRole.Device, SiloName = "gpu-1", ClusterId = "c", ServiceId = "s", Clustering = ClusteringKind.Postgres,
            Database = "Host=db", Storage = "/srv", SiloPort = 1,
            GatewayPort = 2, HttpPort = 3, Advertise = IPAddress.Parse("10.0.0.5"), Listen = IPAddress.Any, Token = "secret",
            TlsCertificate = "a.pfx", TlsKey = "a.key",
            TlsPassword = "p", TlsAuthority = "ca.pem", Devices = settings.Devices, Threads = 4, PromptsInFlight = 5, QueueCapacity = 6,
            Drain = TimeSpan.FromSeconds(7.5), Probe = TimeSpan.FromSeconds(0.5),
        };
        Assert.Equal(expected, settings);
        Assert.Equal(["cuda:0", "cuda:1", "cpu"], settings.Devices);
        Assert.Equal(IPEndPoint.Parse("127.0.0.1:4"), Read([.. Enough, ("Primary", "127.0.0.1:4")]).Settings.Primary);
    }

    [Theory]
    [InlineData("Role", "worker", "Align:Role is worker; it must be one of coordinator, device, both")]
    [InlineData("Clustering", "redis", "Align:Clustering is redis; it must be one of localhost, postgres")]
    [InlineData("SiloName", "a/b", "Align:SiloName is a/b; a name has at most 100 letters, digits, points, hyphens and underscores")]
    [InlineData("SiloPort", "0", "Align:SiloPort is 0; it must be a whole number from 1 to 65535")]
    [InlineData("HttpPort", "http", "Align:HttpPort is http; it must be a whole number from 1 to 65535")]
    [InlineData("GatewayPort", "65536", "Align:GatewayPort is 65536; it must be a whole number from 0 to 65535")]
    [InlineData("HttpPort", "30000", "Align:GatewayPort and Align:HttpPort are all 30000; give each a port of its own")]
    [InlineData("DrainSeconds", "NaN", "Align:DrainSeconds is NaN; it must be a number of seconds from 0 to 3600")]
    [InlineData("ProbeSeconds", "-1", "Align:ProbeSeconds is -1; it must be a number of seconds from 0.2 to 60")]
    [InlineData("Threads", "99999999999", "Align:Threads is 99999999999; it must be a whole number from 0 to 1024")]
    [InlineData("Devices", "gpu", "Align:Devices is gpu; a device is managed, cpu, or cuda:0, cuda:1, …")]
    [InlineData("Devices", "managed,cuda:x", "Align:Devices is managed,cuda:x; a device is managed, cpu, or cuda:0, cuda:1, …")]
    [InlineData("Primary", "127.0.0.1", "Align:Primary is 127.0.0.1; it must be an address with a port, such as 127.0.0.1:11111")]
    [InlineData("Listen", "0.0.0.0", "Align:Listen is 0.0.0.0, which others can reach, and Align:Token is not set; set a token, or listen on 127.0.0.1")]
    [InlineData("Token", "secret\n",
        "Align:Token has characters other than visible ASCII, such as a line's end or a blank; use letters and digits (openssl rand -hex 32)")]
    [InlineData("Tls:Password", "p", "Align:Tls:Password is set, but Align:Tls:Certificate is not; set the certificate's file too, or leave both out")]
    [InlineData("Rolle", "both", "Align:Rolle is not known; did you mean Align:Role? --help lists the keys")]
    [InlineData("Tls:Certificat", "x", "Align:Tls:Certificat is not known; did you mean Align:Tls:Certificate? --help lists the keys")]
    [InlineData("Devices:first", "x", "Align:Devices:first is not known; none of the keys is spelt like it. --help lists the keys")]
    [InlineData("Wholly", "other", "Align:Wholly is not known; none of the keys is spelt like it. --help lists the keys")]
    public void What_is_wrong_is_one_line(string key, string value, string line) => Assert.Equal(line, Assert.Single(Read([.. Enough, (key, value)]).Problems));

    [Fact]
    public void A_host_that_is_not_known_is_no_address() =>
        Assert.StartsWith("Align:Advertise is no-such-host.invalid; ",
            Assert.Single(Read([.. Enough, ("Advertise", "no-such-host.invalid")]).Problems), StringComparison.Ordinal);

    [Theory]
    [InlineData("Role=coordinator Devices=cpu", "Align:Devices is cpu; but a coordinator has no device slots; leave it out, or set Align:Role to both")]
    [InlineData("Clustering=postgres Advertise=10.0.0.5",
        "Align:Advertise is 10.0.0.5, but Align:Listen is 127.0.0.1, where only this machine can connect; listen on 0.0.0.0 or on that address")]
    [InlineData("Advertise=10.0.0.5 Listen=0.0.0.0 Token=t",
        "Align:Clustering is localhost, but Align:Advertise is 10.0.0.5; for silos on several machines set Align:Clustering to postgres")]
    [InlineData("Advertise=0.0.0.0 Listen=0.0.0.0 Token=t Clustering=postgres",
        "Align:Advertise is 0.0.0.0, to which no connection can be made; set the address under which other silos reach this one")]
    [InlineData(
        "Clustering=postgres Primary=127.0.0.1:1", "Align:Primary is 127.0.0.1:1, but Align:Clustering is postgres, where no silo is the first; leave it out")]
    public void What_contradicts_itself_is_one_line(string settings, string line) =>
        Assert.Equal(line, Assert.Single(Read([.. Enough, .. settings.Split(' ').Select(s => (s.Split('=')[0], s.Split('=')[1]))]).Problems));

    [Theory]
    [InlineData("Role=device", "Align:Role is device, but")]
    [InlineData("Role=coordinator", "Align:Role is coordinator, but")]
    [InlineData("Clustering=postgres", "Align:Clustering is postgres, but")]
    [InlineData("Primary=127.0.0.1:11111", "Align:Primary is 127.0.0.1:11111, but")]
    public void A_second_silo_without_PostgreSQL_is_refused_with_the_line_to_type(string setting, string beginning)
    {
        string line = Assert.Single(Read([(setting.Split('=')[0], setting.Split('=')[1])]).Problems);

        Assert.StartsWith(
            $"{beginning} Align:Database is not set; a second silo needs PostgreSQL: start every silo with --Align:Clustering=postgres --Align:Database=", line,
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_folder_that_silos_share_is_named_where_there_is_a_database() => Assert.Equal(
        "Align:Storage is not set; with Align:Database it is the folder that all silos share. Set --Align:Storage=/srv/align or ALIGN__STORAGE",
        Assert.Single(Read([("Database", "Host=db")]).Problems));

    [Fact]
    public void All_problems_are_told_at_once()
    {
        IReadOnlyList<string> problems = Read([("Role", "x"), ("SiloPort", "x"), ("Listen", "::"), ("Lisen", "x")]).Problems;

        Assert.Equal(["Align:Lisen", "Align:Role", "Align:SiloPort", "Align:Listen"], problems.Select(p => p.Split(' ')[0]));
    }

    [Fact]
    public void A_silo_with_devices_alone_takes_no_clients_unless_told() =>
        Assert.Equal((0, 7),
            (Read([.. Enough, ("Role", "device")]).Settings.GatewayPort, Read([.. Enough, ("Role", "device"), ("GatewayPort", "7")]).Settings.GatewayPort));

    [Theory]
    [InlineData("--Align:Role=both")]
    [InlineData("--Align:Role both")]
    [InlineData("--align:role=both --Logging:LogLevel:Orleans=Information")]
    public void Arguments_that_mean_something_are_none_to_complain_of(string line) => Assert.Empty(SiloSettingsReader.ArgumentProblems(line.Split(' ')));

    [Theory]
    [InlineData("--Role=both", "the argument --Role=both is not known; ")]
    [InlineData("both", "the argument both is not known; ")]
    [InlineData("--Align:Role", "the argument --Align:Role has no value; write --Align:Role=<value>")]
    public void Arguments_that_mean_nothing_are_told(string line, string beginning) =>
        Assert.StartsWith(beginning, Assert.Single(SiloSettingsReader.ArgumentProblems(line.Split(' '))), StringComparison.Ordinal);

    [Fact]
    public void The_command_line_goes_before_the_file()
    {
        string folder = Directory.CreateTempSubdirectory("align-silo-").FullName;
        try
        {
            File.WriteAllText(
                Path.Combine(folder, "appsettings.json"), """{ "Align": { "Role": "device", "ClusterId": "filed", "Devices": ["managed", "managed"] } }""");

            SiloSettings settings = SiloSettingsReader.Read(SiloSettingsReader.Configuration(["--Align:Role=both"], folder)).Settings;

            Assert.Equal((SiloRole.Both, "filed", 2), (settings.Role, settings.ClusterId, settings.Devices.Count));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static (SiloSettings Settings, IReadOnlyList<string> Problems) Read((string Key, string Value)[] settings) => SiloSettingsReader.Read(
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => new KeyValuePair<string, string?>($"Align:{s.Key}", s.Value))).Build());
}

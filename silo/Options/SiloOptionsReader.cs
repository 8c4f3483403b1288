using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using OrleansAlign.Models.Text;

namespace OrleansAlign.Silo.Options;

/// <summary>Reads <see cref="SiloOptions"/> and finds everything that is wrong with them, as far as reading alone can tell.</summary>
public static partial class SiloOptionsReader
{
    private static readonly string[] SectionsOfOthers = ["Logging"];

    /// <summary>The configuration of a process: <c>appsettings.json</c> of the working directory, the environment, the command line.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="folder">The working directory.</param>
    /// <exception cref="InvalidDataException">The file is no JSON.</exception>
    public static IConfigurationRoot Configuration(string[] arguments, string folder)
    {
        string file = Path.Combine(folder, "appsettings.json");
        ConfigurationBuilder builder = new();
        if (File.Exists(file)) builder.AddJsonFile(file, optional: false, reloadOnChange: false);
        return builder.AddEnvironmentVariables().AddCommandLine(arguments).Build();
    }

    /// <summary>Arguments that mean nothing: the reader of the command line would pass over them in silence.</summary>
    public static IEnumerable<string> ArgumentProblems(string[] arguments)
    {
        for (int i = 0; i < arguments.Length; i++)
        {
            string argument = arguments[i], key = argument.TrimStart('-').Split('=')[0];
            bool known = argument.StartsWith("--", StringComparison.Ordinal)
                && (key.StartsWith(SiloKeys.Section + ":", StringComparison.OrdinalIgnoreCase) || SectionsOfOthers.Any(s => key.StartsWith(s + ":", StringComparison.OrdinalIgnoreCase)));
            if (!known) yield return $"the argument {argument} is not known; {Suggest(key, "--")} Arguments have the form --Align:<key>=<value>; --help lists the keys";
            else if (!argument.Contains('=', StringComparison.Ordinal) && ++i == arguments.Length) yield return $"the argument {argument} has no value; write {argument}=<value>";
        }
    }

    /// <summary>Reads.</summary>
    /// <param name="configuration">What holds the section <c>Align</c>.</param>
    /// <returns>The options, of which what is wrong has its default, and one line for each problem.</returns>
    public static (SiloOptions Options, IReadOnlyList<string> Problems) Read(IConfiguration configuration)
    {
        Reading read = new(configuration.GetSection(SiloKeys.Section));
        read.FindUnknown();

        SiloRole role = read.Choice(SiloKeys.Role, SiloRole.Both, [("coordinator", SiloRole.Coordinator), ("device", SiloRole.Device), ("both", SiloRole.Both)]);
        ClusteringKind clustering = read.Choice(SiloKeys.Clustering, ClusteringKind.Localhost, [("localhost", ClusteringKind.Localhost), ("postgres", ClusteringKind.Postgres)]);
        int siloPort = read.Number(SiloKeys.SiloPort, 11111, 1, 65535);
        SiloOptions options = new()
        {
            Role = role,
            Clustering = clustering,
            SiloName = read.Name(SiloKeys.SiloName, $"{Plain(Environment.MachineName)}-{siloPort}"),
            ClusterId = read.Name(SiloKeys.ClusterId, "align"),
            ServiceId = read.Name(SiloKeys.ServiceId, "align"),
            Primary = read.EndPoint(SiloKeys.Primary),
            Database = read.Required(SiloKeys.Database, "Host=127.0.0.1;Database=align;Username=align;Password=…"),
            Storage = read.Required(SiloKeys.Storage, "/srv/align"),
            SiloPort = siloPort,
            GatewayPort = read.Number(SiloKeys.GatewayPort, role == SiloRole.Device ? 0 : 30000, 0, 65535),
            HttpPort = read.Number(SiloKeys.HttpPort, 8080, 1, 65535),
            Advertise = read.Address(SiloKeys.Advertise),
            Listen = read.Address(SiloKeys.Listen),
            Token = read.Text(SiloKeys.Token),
            TlsCertificate = read.Text(SiloKeys.TlsCertificate),
            TlsKey = read.Text(SiloKeys.TlsKey),
            TlsPassword = read.Text(SiloKeys.TlsPassword),
            TlsAuthority = read.Text(SiloKeys.TlsAuthority),
            Devices = read.Devices(role),
            Threads = read.Number(SiloKeys.Threads, 0, 0, 1024),
            PromptsInFlight = read.Number(SiloKeys.PromptsInFlight, 96, 1, 1_000_000),
            QueueCapacity = read.Number(SiloKeys.QueueCapacity, 256, 1, 1_000_000),
            Drain = read.Seconds(SiloKeys.DrainSeconds, 25, 0, 3600),
            Probe = read.Seconds(SiloKeys.ProbeSeconds, 1, 0.2, 60),
        };
        return (options, [.. read.Problems, .. Contradictions(options)]);
    }

    /// <summary>What is wrong between keys.</summary>
    private static IEnumerable<string> Contradictions(SiloOptions options)
    {
        bool listensWide = !IPAddress.IsLoopback(options.Listen), advertisesWide = !IPAddress.IsLoopback(options.Advertise);
        if (listensWide && options.Token is null) yield return $"{SiloKeys.Listen} is {options.Listen}, which others can reach, and {SiloKeys.Token} is not set; set a token, or listen on 127.0.0.1";
        if (options.Token is { } token && token.Any(c => c is <= ' ' or > '~'))
        {
            yield return $"{SiloKeys.Token} has characters other than visible ASCII, such as a line's end or a blank; use letters and digits (openssl rand -hex 32)";
        }

        if (options.Advertise.Equals(IPAddress.Any) || options.Advertise.Equals(IPAddress.IPv6Any))
        {
            yield return $"{SiloKeys.Advertise} is {options.Advertise}, which nobody can connect to; set the address under which other silos reach this one";
        }
        else if (advertisesWide && !listensWide)
        {
            yield return $"{SiloKeys.Advertise} is {options.Advertise}, but {SiloKeys.Listen} is {options.Listen}, where only this machine can connect; listen on 0.0.0.0 or on that address";
        }

        if (options.Clustering == ClusteringKind.Localhost && advertisesWide)
        {
            yield return $"{SiloKeys.Clustering} is localhost, but {SiloKeys.Advertise} is {options.Advertise}; for silos on several machines set {SiloKeys.Clustering} to postgres";
        }

        if (options.Clustering == ClusteringKind.Postgres && options.Primary is { } primary)
        {
            yield return $"{SiloKeys.Primary} is {primary}, but {SiloKeys.Clustering} is postgres, where no silo is the first; leave it out";
        }

        (SiloKey Key, int Port)[] ports = [(SiloKeys.SiloPort, options.SiloPort), (SiloKeys.GatewayPort, options.GatewayPort), (SiloKeys.HttpPort, options.HttpPort)];
        foreach (IGrouping<int, SiloKey> same in ports.Where(p => p.Port != 0).GroupBy(p => p.Port, p => p.Key).Where(g => g.Count() > 1))
        {
            yield return $"{string.Join(" and ", same)} are all {same.Key}; give each a port of its own";
        }

        if (options.TlsCertificate is null)
        {
            foreach ((SiloKey key, string? value) in new[] { (SiloKeys.TlsKey, options.TlsKey), (SiloKeys.TlsPassword, options.TlsPassword), (SiloKeys.TlsAuthority, options.TlsAuthority) })
            {
                if (value is not null) yield return $"{key} is set, but {SiloKeys.TlsCertificate} is not; set the certificate's file too, or leave both out";
            }
        }
    }

    private static string Plain(string name) => NotOfName().Replace(name, "-");

    private static string Suggest(string name, string prefix) =>
        Spelling.Nearest(name.ToUpperInvariant(), SiloKeys.All.Select(k => k.Name.ToUpperInvariant())) is { } near && near.Distance <= Math.Max(2, name.Length / 3)
            ? $"did you mean {prefix}{SiloKeys.All.First(k => k.Name.Equals(near.Name, StringComparison.OrdinalIgnoreCase)).Path}?"
            : "none of the keys is spelt like it.";

    [GeneratedRegex("[^A-Za-z0-9._-]")]
    private static partial Regex NotOfName();

    [GeneratedRegex("^(managed|cpu|cuda(:[0-9]{1,3})?)$", RegexOptions.IgnoreCase)]
    private static partial Regex Device();

    /// <summary>Reads key by key and collects what is wrong.</summary>
    private sealed class Reading(IConfigurationSection section)
    {
        public List<string> Problems { get; } = [];

        public void FindUnknown()
        {
            foreach ((string path, string? value) in section.AsEnumerable(makePathsRelative: true))
            {
                // Sections have no value of their own; items of the list of devices are numbered.
                if (value is null || SiloKeys.All.Any(k => k.Name.Equals(path, StringComparison.OrdinalIgnoreCase))) continue;
                if (path.StartsWith(SiloKeys.Devices.Name + ":", StringComparison.OrdinalIgnoreCase) && int.TryParse(path[(SiloKeys.Devices.Name.Length + 1)..], out _)) continue;
                Problems.Add($"{SiloKeys.Section}:{path} is not known; {Suggest(path, "")} --help lists the keys");
            }
        }

        public string? Text(SiloKey key) => string.IsNullOrWhiteSpace(section[key.Name]) ? null : section[key.Name];

        public string Required(SiloKey key, string example)
        {
            if (Text(key) is { } text) return text;
            Problems.Add($"{key} is not set; it is the {key.Meaning.Split(';')[0]}. Set --{key.Path}=\"{example}\" or {key.Path.Replace(":", "__", StringComparison.Ordinal).ToUpperInvariant()}");
            return "";
        }

        public T Choice<T>(SiloKey key, T otherwise, (string Name, T Value)[] choices)
        {
            if (Text(key) is not { } text) return otherwise;
            foreach ((string name, T value) in choices)
            {
                if (name.Equals(text, StringComparison.OrdinalIgnoreCase)) return value;
            }

            Wrong(key, text, $"it must be one of {string.Join(", ", choices.Select(c => c.Name))}");
            return otherwise;
        }

        public string Name(SiloKey key, string otherwise)
        {
            if (Text(key) is not { } text) return otherwise;
            if (text.Length <= 100 && !NotOfName().IsMatch(text)) return text;
            Wrong(key, text, "a name has at most 100 letters, digits, points, hyphens and underscores");
            return otherwise;
        }

        public int Number(SiloKey key, int otherwise, int least, int most)
        {
            if (Text(key) is not { } text) return otherwise;
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most) return number;
            Wrong(key, text, $"it must be a whole number from {least} to {most}");
            return otherwise;
        }

        public TimeSpan Seconds(SiloKey key, double otherwise, double least, double most)
        {
            if (Text(key) is not { } text) return TimeSpan.FromSeconds(otherwise);
            if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number) && number >= least && number <= most) return TimeSpan.FromSeconds(number);
            Wrong(key, text, string.Create(CultureInfo.InvariantCulture, $"it must be a number of seconds from {least} to {most}"));
            return TimeSpan.FromSeconds(otherwise);
        }

        public IPAddress Address(SiloKey key)
        {
            if (Text(key) is not { } text || text == "localhost") return IPAddress.Loopback;
            if (IPAddress.TryParse(text, out IPAddress? address)) return address;
            try
            {
                IPAddress[] known = Dns.GetHostAddresses(text);
                if (known.Length > 0) return known.FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork) ?? known[0];
                Wrong(key, text, "no address belongs to that name; set an address such as 10.0.0.5");
            }
            catch (Exception error) when (error is SocketException or ArgumentException)
            {
                Wrong(key, text, $"it is no address, and as a host's name it is not known ({error.Message}); set an address such as 10.0.0.5");
            }

            return IPAddress.Loopback;
        }

        public IPEndPoint? EndPoint(SiloKey key)
        {
            if (Text(key) is not { } text) return null;
            if (IPEndPoint.TryParse(text, out IPEndPoint? point) && point.Port != 0) return point;
            Wrong(key, text, "it must be an address with a port, such as 127.0.0.1:11111");
            return null;
        }

        public IReadOnlyList<string> Devices(SiloRole role)
        {
            string[] items = section[SiloKeys.Devices.Name] is { } line
                ? line.Split(',')
                : [.. section.GetSection(SiloKeys.Devices.Name).GetChildren().Where(c => int.TryParse(c.Key, out _)).OrderBy(c => int.Parse(c.Key, CultureInfo.InvariantCulture)).Select(c => c.Value ?? "")];
            string[] devices = [.. items.Select(d => d.Trim().ToLowerInvariant()).Where(d => d.Length > 0)];
            if (role == SiloRole.Coordinator)
            {
                if (devices.Length > 0) Wrong(SiloKeys.Devices, string.Join(",", devices), "but a coordinator has no device slots; leave it out, or set Align:Role to both");
                return [];
            }

            foreach (string device in devices.Where(d => !Device().IsMatch(d))) Wrong(SiloKeys.Devices, device, "a device is managed, cpu, or cuda:0, cuda:1, …");
            return devices.Length == 0 ? ["managed"] : [.. devices.Select(d => d == "cuda" ? "cuda:0" : d)];
        }

        private void Wrong(SiloKey key, string value, string rule) => Problems.Add($"{key} is {value}; {rule}");
    }
}

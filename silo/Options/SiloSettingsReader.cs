using System.Globalization;
using System.Net;
using OrleansAlign.Models.Text;

namespace OrleansAlign.Silo.Options;

/// <summary>Reads <see cref="SiloSettings"/> and finds every problem that the settings alone show.</summary>
internal static class SiloSettingsReader
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

    /// <summary>Arguments that are no setting; the configuration's own reader of command lines would ignore them.</summary>
    public static IEnumerable<string> ArgumentProblems(string[] arguments)
    {
        for (int i = 0; i < arguments.Length; i++)
        {
            string argument = arguments[i], key = argument.TrimStart('-').Split('=')[0];
            bool known = argument.StartsWith("--", StringComparison.Ordinal)
                && SectionsOfOthers.Append(SiloKeys.Section).Any(s => key.StartsWith(s + ":", StringComparison.OrdinalIgnoreCase));
            if (!known)
            {
                yield return $"the argument {argument} is not known; {Suggest(key, "--")} Arguments have the form --Align:<key>=<value>; --help lists the keys";
            }
            else if (!argument.Contains('=', StringComparison.Ordinal) && ++i == arguments.Length)
            {
                yield return $"the argument {argument} has no value; write {argument}=<value>";
            }
        }
    }

    /// <summary>Reads the section <c>Align</c> of a configuration.</summary>
    /// <returns>The settings, wrong ones replaced by their defaults, and one line for each problem.</returns>
    public static (SiloSettings Settings, IReadOnlyList<string> Problems) Read(IConfiguration configuration)
    {
        IConfigurationSection section = configuration.GetSection(SiloKeys.Section);
        List<string> problems = [.. Unknown(section)];
        HashSet<SiloKey> given = [];
        SiloSettings settings = new();
        foreach (SiloKey key in SiloKeys.All)
        {
            string text = section[key.Name] ?? string.Join(',', Items(section.GetSection(key.Name)));
            if (string.IsNullOrWhiteSpace(text)) continue;
            given.Add(key);
            try
            {
                settings = key.Apply(settings, text);
            }
            catch (FormatException rule)
            {
                problems.Add($"{key} is {text}; {rule.Message}");
            }
        }

        problems.AddRange(Contradictions(settings, given));
        if (settings.SiloName.Length == 0) settings = settings with { SiloName = $"{SiloKeys.Plain(Environment.MachineName)}-{settings.SiloPort}" };
        if (settings.Role == SiloRole.Device && !given.Contains(SiloKeys.GatewayPort)) settings = settings with { GatewayPort = 0 };
        if (settings.Role == SiloRole.Coordinator) settings = settings with { Devices = [] };
        else if (settings.Devices.Count == 0) settings = settings with { Devices = ["managed"] };
        return (settings, problems);
    }

    /// <summary>Settings that contradict each other.</summary>
    private static IEnumerable<string> Contradictions(SiloSettings settings, HashSet<SiloKey> given)
    {
        if (settings.Database is null)
        {
            (SiloKey Key, string Text, bool IsForMore)[] forMore =
            [
                (SiloKeys.Role, settings.Role.ToString().ToLowerInvariant(), settings.Role != SiloRole.Both),
                (SiloKeys.Clustering, "postgres", settings.Clustering == ClusteringKind.Postgres),
                (SiloKeys.Primary, $"{settings.Primary}", settings.Primary is not null),
            ];
            foreach ((SiloKey key, string text, _) in forMore.Where(k => k.IsForMore))
            {
                yield return $"{key} is {text}, but {SiloKeys.Database} is not set; "
                    + $"a second silo needs PostgreSQL: start every silo with {SiloKeys.PostgresExample}";
            }
        }
        else if (!given.Contains(SiloKeys.Storage))
        {
            yield return $"{SiloKeys.Storage} is not set; with {SiloKeys.Database} it is the folder that all silos share. "
                + $"Set --{SiloKeys.Storage}=/srv/align or ALIGN__STORAGE";
        }

        if (settings.Role == SiloRole.Coordinator && settings.Devices.Count > 0)
        {
            yield return $"{SiloKeys.Devices} is {string.Join(',', settings.Devices)}; "
                + $"but a coordinator has no device slots; leave it out, or set {SiloKeys.Role} to both";
        }

        bool listensWide = !IPAddress.IsLoopback(settings.Listen), advertisesWide = !IPAddress.IsLoopback(settings.Advertise);
        if (listensWide && settings.Token is null)
        {
            yield return $"{SiloKeys.Listen} is {settings.Listen}, which others can reach, and {SiloKeys.Token} is not set; "
                + "set a token, or listen on 127.0.0.1";
        }

        if (settings.Token is { } token && token.Any(c => c is <= ' ' or > '~'))
        {
            yield return $"{SiloKeys.Token} has characters other than visible ASCII, such as a line's end or a blank; "
                + "use letters and digits (openssl rand -hex 32)";
        }

        if (settings.Advertise.Equals(IPAddress.Any) || settings.Advertise.Equals(IPAddress.IPv6Any))
        {
            yield return $"{SiloKeys.Advertise} is {settings.Advertise}, to which no connection can be made; "
                + "set the address under which other silos reach this one";
        }
        else if (advertisesWide && !listensWide)
        {
            yield return $"{SiloKeys.Advertise} is {settings.Advertise}, but {SiloKeys.Listen} is {settings.Listen}, where only this machine can connect; "
                + "listen on 0.0.0.0 or on that address";
        }

        if (settings.Clustering == ClusteringKind.Localhost && advertisesWide)
        {
            yield return $"{SiloKeys.Clustering} is localhost, but {SiloKeys.Advertise} is {settings.Advertise}; "
                + $"for silos on several machines set {SiloKeys.Clustering} to postgres";
        }

        if (settings.Clustering == ClusteringKind.Postgres && settings.Database is not null && settings.Primary is { } primary)
        {
            yield return $"{SiloKeys.Primary} is {primary}, but {SiloKeys.Clustering} is postgres, where no silo is the first; leave it out";
        }

        (SiloKey Key, int Port)[] ports =
        [
            (SiloKeys.SiloPort, settings.SiloPort), (SiloKeys.GatewayPort, settings.GatewayPort), (SiloKeys.HttpPort, settings.HttpPort),
        ];
        foreach (IGrouping<int, SiloKey> same in ports.Where(p => p.Port != 0).GroupBy(p => p.Port, p => p.Key).Where(g => g.Count() > 1))
        {
            yield return $"{string.Join(" and ", same)} are all {same.Key}; give each a port of its own";
        }

        if (given.Contains(SiloKeys.TlsCertificate)) yield break;
        foreach (SiloKey key in new[] { SiloKeys.TlsKey, SiloKeys.TlsPassword, SiloKeys.TlsAuthority }.Where(given.Contains))
        {
            yield return $"{key} is set, but {SiloKeys.TlsCertificate} is not; set the certificate's file too, or leave both out";
        }
    }

    /// <summary>Keys of the section that are not known. Sections have no value of their own; items of a list are numbered.</summary>
    private static IEnumerable<string> Unknown(IConfigurationSection section) =>
        from entry in section.AsEnumerable(makePathsRelative: true)
        where entry.Value is not null && !SiloKeys.All.Any(k => k.Name.Equals(entry.Key, StringComparison.OrdinalIgnoreCase))
            && !(entry.Key.StartsWith(SiloKeys.Devices.Name + ":", StringComparison.OrdinalIgnoreCase)
                && int.TryParse(entry.Key[(SiloKeys.Devices.Name.Length + 1)..], out _))
        select $"{SiloKeys.Section}:{entry.Key} is not known; {Suggest(entry.Key, "")} --help lists the keys";

    private static IEnumerable<string?> Items(IConfigurationSection list) =>
        list.GetChildren().Where(c => int.TryParse(c.Key, out _)).OrderBy(c => int.Parse(c.Key, CultureInfo.InvariantCulture)).Select(c => c.Value);

    private static string Suggest(string name, string prefix) =>
        Spelling.Nearest(name.ToUpperInvariant(), SiloKeys.All.Select(k => k.Name.ToUpperInvariant())) is { } near
            && near.Distance <= Math.Max(2, name.Length / 3)
            ? $"did you mean {prefix}{SiloKeys.All.First(k => k.Name.Equals(near.Name, StringComparison.OrdinalIgnoreCase)).Path}?"
            : "none of the keys is spelt like it.";
}

using System.Globalization;
using System.Net;
using System.Net.Sockets;
using OrleansAlign.Client.Terminal;

namespace OrleansAlign.Client.Cluster;

/// <summary>How a cluster is reached, as given on the command line.</summary>
/// <param name="Addresses">HOST:PORT of a silo's gateway; several, separated by commas.</param>
/// <param name="ClusterId">The cluster's id.</param>
/// <param name="Token">The token, if the cluster asks for one.</param>
/// <param name="Tls">TLS of the connection; null: none.</param>
internal sealed record ClusterAccess(string Addresses, string ClusterId, string? Token, TlsAccess? Tls)
{
    /// <summary>Gateway address of a silo without settings.</summary>
    public const string Default = "127.0.0.1:30000";

    /// <summary>The option by which another command reaches the same cluster.</summary>
    public string Hint => Addresses == Default ? " --cluster" : $" --cluster {Addresses}";

    /// <summary>Longest wait for a gateway to accept a connection. Default 10 s: the silo may just be starting.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest wait for the silo's first answer. Default 30 s: an engine may keep all of its processors busy.</summary>
    public TimeSpan AnswerPatience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Whether a word of a command line has the form of addresses: HOST:PORT, or several separated by commas. No name of a run, policy or pair has it.
    /// </summary>
    public static bool IsAddress(string word) => word.Split(',').All(part =>
        part.LastIndexOf(':') is > 0 and var colon && colon + 1 < part.Length && part[(colon + 1)..].All(char.IsAsciiDigit));

    /// <summary>The host names and ports.</summary>
    /// <exception cref="BadInputException">An address is not HOST:PORT.</exception>
    public IReadOnlyList<(string Host, int Port)> Parse() => [.. Addresses.Split(',').Select(Parse)];

    /// <summary>The IP addresses of the hosts.</summary>
    /// <exception cref="BadInputException">A name is unknown.</exception>
    public async Task<IReadOnlyList<IPEndPoint>> ResolveAsync(CancellationToken cancel)
    {
        List<IPEndPoint> points = [];
        foreach ((string host, int port) in Parse())
        {
            try
            {
                points.AddRange((await Dns.GetHostAddressesAsync(host, cancel).ConfigureAwait(false)).Select(address => new IPEndPoint(address, port)));
            }
            catch (SocketException error)
            {
                throw new BadInputException(
                    $"--cluster {Addresses}: the name {host} was not found ({error.Message.TrimEnd('.')}); correct it, or give an IP address");
            }
        }

        return points;
    }

    private (string Host, int Port) Parse(string address)
    {
        int colon = address.LastIndexOf(':');
        string host = colon < 0 ? "" : address[..colon].Trim('[', ']');
        bool isHost = host.Length > 0 && (!host.Contains(':') || address.StartsWith('['));
        bool isPort = ushort.TryParse(address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) && port > 0;
        if (isHost && isPort) return (host, port);
        throw new BadInputException(
            $"--cluster {Addresses}: \"{address}\" is not HOST:PORT; give the address and gateway port of a silo, as in localhost:30000");
    }
}

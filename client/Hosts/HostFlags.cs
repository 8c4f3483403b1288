using System.CommandLine;
using OrleansAlign.Client.Commands;
using OrleansAlign.Client.Cluster;

namespace OrleansAlign.Client.Hosts;

/// <summary>The options that choose where a command works: in folders of this machine, or on a cluster.</summary>
internal sealed class HostFlags
{
    private const string ClusterName = "--cluster";

    private readonly Option<string> runs = Shared.Runs();
    private readonly Option<string?> cluster = new(ClusterName)
    {
        Description = "Work on the cluster of the silo at this address; of several, separated by commas, any that answers is used. "
            + $"Left out, the address is {ClusterAccess.Default}. A word after --cluster that is no HOST:PORT is not taken as the address.",
        HelpName = "HOST:PORT",
    };

    private readonly Option<string?> token = new("--token")
    {
        Description = "The cluster's token; left out, the environment variable ALIGN_TOKEN.", HelpName = "TEXT",
    };

    private readonly Option<bool> tls = new("--tls") { Description = "Talk TLS with the cluster." };

    private readonly Option<string?> tlsAuthority = new("--tls-authority")
    {
        Description = "PEM file of the authority that signed the silos' certificate, or of that certificate; "
            + "left out, the authorities that this machine trusts.",
        HelpName = "FILE",
    };

    private readonly Option<string?> tlsCertificate = new("--tls-certificate")
    {
        Description = "This client's certificate with its key (PEM, or PKCS #12 without a password), where the cluster asks for one.", HelpName = "FILE",
    };
    private readonly Option<string> clusterId = new("--cluster-id")
    {
        Description = "The cluster's id.", HelpName = "NAME", DefaultValueFactory = _ => "align",
    };

    /// <summary>
    /// Gives every <c>--cluster</c> without an address the default one; the parser would take the next word for the address, even if it is a run's name.
    /// </summary>
    public static string[] Complete(IReadOnlyList<string> args)
    {
        return [.. args.Select((arg, i) => arg == ClusterName && !IsFollowedByAddress(i) ? $"{ClusterName}={ClusterAccess.Default}" : arg)];

        bool IsFollowedByAddress(int i) => i + 1 < args.Count && ClusterAccess.IsAddress(args[i + 1]);
    }

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="folders">Whether the command also works on runs in folders of this machine.</param>
    public void AddTo(Command command, bool folders = true)
    {
        if (folders) command.Add(runs);
        foreach (Option option in new Option[] { cluster, token, tls, tlsAuthority, tlsCertificate, clusterId }) command.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetResult(cluster) is not null)
            {
                if (result.GetResult(runs) is { Implicit: false })
                    result.AddError("--runs is for runs in folders of this machine, --cluster for those on a cluster; give one of them");
                return;
            }

            Option? idle = new Option[] { token, tls, tlsAuthority, tlsCertificate }.FirstOrDefault(o => result.GetResult(o) is { Implicit: false });
            if (idle is not null) result.AddError($"{idle.Name} is for a cluster; add --cluster, or --cluster HOST:PORT");
            if (!folders) result.AddError($"{command.Name} is for runs on a cluster; add --cluster, or --cluster HOST:PORT");
        });
    }

    /// <summary>Refuses options that configure this machine, such as the number of threads, together with --cluster.</summary>
    public void Exclude(Command command, params Option[] ofThisMachine) => command.Validators.Add(result =>
    {
        if (result.GetResult(cluster) is null) return;
        foreach (Option option in ofThisMachine)
        {
            if (result.GetResult(option) is { Implicit: false })
            {
                result.AddError($"{option.Name} is about this machine; with --cluster the silos' settings count");
            }
        }
    });

    /// <summary>Refuses an option that only a cluster has, without --cluster.</summary>
    public void Require(Command command, Option ofCluster) => command.Validators.Add(result =>
    {
        if (result.GetResult(cluster) is null && result.GetResult(ofCluster) is { Implicit: false })
        {
            result.AddError($"{ofCluster.Name} is for runs on a cluster; add --cluster, or --cluster HOST:PORT");
        }
    });

    /// <summary>The folder of runs on this machine; a demo's data is written there too, also with --cluster.</summary>
    public string Folder(ParseResult parsed) => parsed.GetValue(runs)!;

    /// <summary>Opens the host that the options name: the one place that decides between folders and a cluster.</summary>
    public async Task<IRunHost> OpenAsync(ParseResult parsed, int threads, CancellationToken cancel)
    {
        if (parsed.GetValue(cluster) is not { } address) return new FolderHost(Folder(parsed), threads);
        return await ClusterHost.ConnectAsync(
            new ClusterAccess(
                address, parsed.GetRequiredValue(clusterId), parsed.GetValue(token) ?? Environment.GetEnvironmentVariable("ALIGN_TOKEN"),
                TlsAccess.Of(parsed.GetValue(tls), parsed.GetValue(tlsAuthority), parsed.GetValue(tlsCertificate))),
            cancel).ConfigureAwait(false);
    }
}

using System.Net;
using System.Net.Sockets;
using Dapper;
using Npgsql;
using OrleansAlign.Silo.Schema;

namespace OrleansAlign.Silo.Cluster;

/// <summary>A silo as the membership table has it.</summary>
internal sealed record KnownSilo
{
    /// <summary>Orleans' numbers of a silo's status.</summary>
    public const int Active = 3, Dead = 6;

    private static readonly TimeSpan TimeToConnect = TimeSpan.FromSeconds(1);

    public string Name { get; init; } = "";

    public string Address { get; init; } = "";

    public int Port { get; init; }

    public int Generation { get; init; }

    public int Status { get; init; }

    public DateTime Alive { get; init; }

    /// <summary>Whether it gave no sign of life for <see cref="SiloSetup.Silence"/>.</summary>
    public bool IsSilent { get; init; }

    public bool IsActive => Status == Active;

    /// <summary>The silos that take part in a cluster, or took part when they were last heard of.</summary>
    public static async Task<IReadOnlyList<KnownSilo>> ReadAsync(NpgsqlConnection connection, string clusterId, CancellationToken cancel) => [.. await connection.QueryAsync<KnownSilo>(new CommandDefinition(
        $"""
        SELECT name AS Name, address AS Address, port AS Port, generation AS Generation, status AS Status, alive AS Alive, greatest(alive, started) < now() - @Silence AS IsSilent
        FROM {OrleansSchema.Name}.silo WHERE cluster = @clusterId AND status BETWEEN {Active} AND {Dead - 1}
        """,
        new { clusterId, SiloSetup.Silence }, cancellationToken: cancel)).ConfigureAwait(false)];

    /// <summary>Whether somebody listens at its address.</summary>
    public async Task<bool> ListensAsync(CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(TimeToConnect);
        try
        {
            using var probe = new TcpClient();
            await probe.ConnectAsync(IPAddress.Parse(Address), Port, patience.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception error) when (error is SocketException || (error is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return false;
        }
    }
}

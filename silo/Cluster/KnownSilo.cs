using System.Net;
using System.Net.Sockets;
using Dapper;
using Npgsql;
using OrleansAlign.Silo.Schema;

namespace OrleansAlign.Silo.Cluster;

/// <summary>A silo's row in the membership table.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Address">Its IP address.</param>
/// <param name="Port">The port that other silos reach it by.</param>
/// <param name="Generation">Distinguishes processes that had the same address.</param>
/// <param name="Status">Orleans' number of its status.</param>
/// <param name="Alive">Time of its last sign of life.</param>
/// <param name="IsSilent">Whether it gave no sign of life for <see cref="SiloSetup.Silence"/>.</param>
internal sealed record KnownSilo(string Name, string Address, int Port, int Generation, int Status, DateTime Alive, bool IsSilent)
{
    private const int Active = 3, Dead = 6;

    private static readonly TimeSpan TimeToConnect = TimeSpan.FromSeconds(1);

    public bool IsActive => Status == Active;

    /// <summary>The silos of a cluster that are not dead by the table: active, or leaving.</summary>
    public static Task<IEnumerable<KnownSilo>> ReadAsync(NpgsqlConnection connection, string clusterId, CancellationToken cancel) =>
        connection.QueryAsync<KnownSilo>(new CommandDefinition(
            $"""
            SELECT name, address, port, generation, status, alive,
                greatest(alive, started) < now() - interval '{SiloSetup.Silence.TotalSeconds} seconds' AS issilent
            FROM {OrleansSchema.Name}.silo WHERE cluster = @clusterId AND status BETWEEN {Active} AND {Dead - 1}
            """,
            new { clusterId }, cancellationToken: cancel));

    /// <summary>Declares the silo dead, unless it gave a sign of life meanwhile.</summary>
    /// <returns>Whether this call declared it dead.</returns>
    public async Task<bool> DeclareDeadAsync(NpgsqlConnection connection, string clusterId, CancellationToken cancel) =>
        await connection.ExecuteAsync(new CommandDefinition(
            $"""
            WITH gone AS (
                UPDATE {OrleansSchema.Name}.silo SET status = {Dead}
                WHERE cluster = @clusterId AND address = @Address AND port = @Port AND generation = @Generation AND alive = @Alive
                    AND status BETWEEN {Active} AND {Dead - 1}
                RETURNING 1)
            UPDATE {OrleansSchema.Name}.cluster_version SET version = version + 1 WHERE cluster = @clusterId AND EXISTS (SELECT 1 FROM gone)
            """,
            new { clusterId, Address, Port, Generation, Alive }, cancellationToken: cancel)).ConfigureAwait(false) > 0;

    /// <summary>Whether a process listens at its address.</summary>
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

using System.Net;
using System.Net.Sockets;
using Dapper;
using Npgsql;
using OrleansAlign.Silo.Options;
using OrleansAlign.Silo.Schema;

namespace OrleansAlign.Silo.Cluster;

/// <summary>While this silo joins: declares silos dead that gave no sign of life for a while and do not listen any more.</summary>
/// <remarks>
/// Silos declare each other dead. After all of them were killed at once there is nobody left to do it, and a silo that starts then would wait minutes for
/// an answer from each. One that was only cut off from the database still listens, and is left alone.
/// </remarks>
internal sealed class StaleSilos(SiloOptions options, TimeProvider clock, ILogger<StaleSilos> log) : BackgroundService
{
    private const int Active = 3, Dead = 6;

    private static readonly TimeSpan TimeToConnect = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromSeconds(1), clock);
        bool joined = false;
        while (!joined && await tick.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            try
            {
                joined = await LookAsync(stoppingToken).ConfigureAwait(false);
            }
            catch (Exception error) when (error is NpgsqlException or SocketException)
            {
                // The database is away: so is the membership table that this silo joins by. Both are looked at again.
                log.StaleSilosUnknown(error.Message);
            }
        }
    }

    /// <summary>Looks once.</summary>
    /// <returns>Whether this silo has joined.</returns>
    private async Task<bool> LookAsync(CancellationToken cancel)
    {
        var connection = new NpgsqlConnection(OrleansSchema.ConnectionString(options.Database));
        await using (connection.ConfigureAwait(false))
        {
            IEnumerable<Member> members = await connection.QueryAsync<Member>(new CommandDefinition(
                $"""
                SELECT name AS Name, address AS Address, port AS Port, generation AS Generation, status AS Status, alive AS Alive, greatest(alive, started) < now() - @Silence AS IsSilent
                FROM {OrleansSchema.Name}.silo WHERE cluster = @ClusterId AND status BETWEEN {Active} AND {Dead - 1}
                """,
                new { options.ClusterId, SiloSetup.Silence }, cancellationToken: cancel)).ConfigureAwait(false);
            foreach (Member member in members)
            {
                if (member.Name == options.SiloName && member.Port == options.SiloPort && member.Status == Active && !member.IsSilent) return true;
                if (!member.IsSilent || await ListensAsync(member, cancel).ConfigureAwait(false)) continue;
                int declared = await connection.ExecuteAsync(new CommandDefinition(
                    $"""
                    WITH gone AS (
                        UPDATE {OrleansSchema.Name}.silo SET status = {Dead}
                        WHERE cluster = @ClusterId AND address = @Address AND port = @Port AND generation = @Generation AND alive = @Alive AND status BETWEEN {Active} AND {Dead - 1}
                        RETURNING 1)
                    UPDATE {OrleansSchema.Name}.cluster_version SET version = version + 1 WHERE cluster = @ClusterId AND EXISTS (SELECT 1 FROM gone)
                    """,
                    new { options.ClusterId, member.Address, member.Port, member.Generation, member.Alive }, cancellationToken: cancel)).ConfigureAwait(false);
                if (declared > 0) log.DeclaredDead(member.Name, SiloSetup.Silence.TotalSeconds);
            }

            return false;
        }
    }

    private static async Task<bool> ListensAsync(Member member, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(TimeToConnect);
        try
        {
            using var probe = new TcpClient();
            await probe.ConnectAsync(IPAddress.Parse(member.Address), member.Port, patience.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception error) when (error is SocketException || (error is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return false;
        }
    }

    private sealed record Member
    {
        public string Name { get; init; } = "";

        public string Address { get; init; } = "";

        public int Port { get; init; }

        public int Generation { get; init; }

        public int Status { get; init; }

        public DateTime Alive { get; init; }

        public bool IsSilent { get; init; }
    }
}

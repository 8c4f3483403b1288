using System.Net.Sockets;
using Npgsql;
using OrleansAlign.Silo.Options;
using OrleansAlign.Silo.Schema;

namespace OrleansAlign.Silo.Cluster;

/// <summary>While this silo joins, declares silos dead that gave no sign of life for a while and no longer listen.</summary>
/// <remarks>
/// Silos declare each other dead. If all of them were killed at once, none is left to do so, and a silo that starts then would wait minutes for an answer
/// from each. A silo that was only cut off from the database still listens, and is not declared dead.
/// </remarks>
internal sealed class StaleSilos(SiloSettings options, TimeProvider clock, ILogger<StaleSilos> log) : BackgroundService
{
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
                // Without the database there is no membership table either, and this silo cannot join; the next tick tries again.
                log.StaleSilosUnknown(error.Message);
            }
        }
    }

    /// <summary>Reads the membership table once and declares stale silos dead.</summary>
    /// <returns>Whether this silo has joined.</returns>
    private async Task<bool> LookAsync(CancellationToken cancel)
    {
        var connection = new NpgsqlConnection(OrleansSchema.ConnectionString(options.Database!));
        await using (connection.ConfigureAwait(false))
        {
            await connection.OpenAsync(cancel).ConfigureAwait(false);
            IEnumerable<KnownSilo> members = await KnownSilo.ReadAsync(connection, options.ClusterId, cancel).ConfigureAwait(false);
            foreach (KnownSilo member in members)
            {
                if (member.Name == options.SiloName && member.Port == options.SiloPort && member.IsActive && !member.IsSilent) return true;
                if (!member.IsSilent || await member.ListensAsync(cancel).ConfigureAwait(false)) continue;
                if (await member.DeclareDeadAsync(connection, options.ClusterId, cancel).ConfigureAwait(false))
                {
                    log.DeclaredDead(member.Name, SiloSetup.Silence.TotalSeconds);
                }
            }

            return false;
        }
    }
}

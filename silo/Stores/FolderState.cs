using System.Globalization;
using System.Text.Json;
using Dapper;
using Microsoft.Data.Sqlite;
using Orleans.Storage;

namespace OrleansAlign.Silo.Stores;

/// <summary>Grain state and reminders in one SQLite file, for the one silo that has it open. A call returns when its write is on the disk.</summary>
/// <remarks>State is JSON. A write that names another version than the stored one is refused, as Orleans' own providers do.</remarks>
internal sealed class FolderState : IGrainStorage, IReminderTable, IDisposable
{
    private const string Schema =
        """
        PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
        CREATE TABLE IF NOT EXISTS state (grain TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL, json TEXT NOT NULL, PRIMARY KEY (grain, name));
        CREATE TABLE IF NOT EXISTS reminder (
            grain TEXT NOT NULL, name TEXT NOT NULL, hash INTEGER NOT NULL, start INTEGER NOT NULL, period INTEGER NOT NULL, version TEXT NOT NULL,
            PRIMARY KEY (grain, name));
        """;

    private readonly Lock gate = new();
    private readonly SqliteConnection connection;

    private FolderState(SqliteConnection connection) => this.connection = connection;

    /// <summary>Opens the file, making it if it is not there.</summary>
    /// <exception cref="SqliteException">The file is no SQLite database, or cannot be written to.</exception>
    public static FolderState Open(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        try
        {
            connection.Open();
            connection.Execute(Schema);
            return new FolderState(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => connection.Dispose();

    /// <summary>What keeps the file from being read; null if nothing does.</summary>
    public string? Problem()
    {
        try
        {
            lock (gate) connection.ExecuteScalar<long>("SELECT count(*) FROM reminder");
            return null;
        }
        catch (SqliteException error)
        {
            return error.Message;
        }
    }

    /// <inheritdoc/>
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        (long Version, string Json)? row;
        lock (gate)
        {
            row = connection.Query<(long, string)?>(
                "SELECT version, json FROM state WHERE grain = @grain AND name = @stateName", new { grain = $"{grainId}", stateName }).SingleOrDefault();
        }

        grainState.RecordExists = row is not null;
        grainState.ETag = row is { } known ? Text(known.Version) : null;
        grainState.State = row is { } kept ? JsonSerializer.Deserialize<T>(kept.Json)! : Activator.CreateInstance<T>();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        long? version;
        lock (gate)
        {
            version = connection.ExecuteScalar<long?>(
                """
                INSERT INTO state SELECT @grain, @stateName, 1, @json
                WHERE @known IS NULL OR EXISTS (SELECT 1 FROM state WHERE grain = @grain AND name = @stateName)
                ON CONFLICT (grain, name) DO UPDATE SET version = version + 1, json = excluded.json WHERE version = @known
                RETURNING version
                """,
                new { grain = $"{grainId}", stateName, json = JsonSerializer.Serialize(grainState.State), known = Number(grainState.ETag) });
        }

        (grainState.ETag, grainState.RecordExists) = (Text(version ?? throw Changed(stateName, grainId)), true);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        lock (gate)
        {
            int removed = connection.Execute(
                "DELETE FROM state WHERE grain = @grain AND name = @stateName AND version = @known",
                new { grain = $"{grainId}", stateName, known = Number(grainState.ETag) });
            if (removed == 0 && grainState.ETag is not null) throw Changed(stateName, grainId);
        }

        (grainState.State, grainState.ETag, grainState.RecordExists) = (Activator.CreateInstance<T>(), null, false);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<ReminderTableData> ReadRows(GrainId grainId) => Task.FromResult(Rows("grain = @grain", new { grain = $"{grainId}" }));

    /// <inheritdoc/>
    public Task<ReminderTableData> ReadRows(uint begin, uint end) =>
        Task.FromResult(Rows(begin < end ? "hash > @begin AND hash <= @end" : "(hash > @begin OR hash <= @end)", new { begin = (long)begin, end = (long)end }));

    /// <inheritdoc/>
    public Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName) =>
        Task.FromResult(Rows("grain = @grain AND name = @reminderName", new { grain = $"{grainId}", reminderName }).Reminders.SingleOrDefault());

    /// <inheritdoc/>
    public Task<string?> UpsertRow(ReminderEntry entry)
    {
        lock (gate)
        {
            return Task.FromResult(connection.ExecuteScalar<string>(
                """
                INSERT INTO reminder VALUES (@grain, @name, @hash, @start, @period, hex(randomblob(8)))
                ON CONFLICT (grain, name) DO UPDATE SET start = excluded.start, period = excluded.period, version = excluded.version
                RETURNING version
                """,
                new
                {
                    grain = $"{entry.GrainId}", name = entry.ReminderName, hash = (long)entry.GrainId.GetUniformHashCode(),
                    start = entry.StartAt.Ticks, period = entry.Period.Ticks,
                }));
        }
    }

    /// <inheritdoc/>
    public Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag)
    {
        lock (gate)
        {
            return Task.FromResult(connection.Execute(
                "DELETE FROM reminder WHERE grain = @grain AND name = @reminderName AND version = @version",
                new { grain = $"{grainId}", reminderName, version = eTag }) > 0);
        }
    }

    /// <inheritdoc/>
    public Task TestOnlyClearTable()
    {
        lock (gate) connection.Execute("DELETE FROM reminder");
        return Task.CompletedTask;
    }

    private ReminderTableData Rows(string which, object parameters)
    {
        lock (gate)
        {
            return new ReminderTableData(connection.Query<(string Grain, string Name, long Start, long Period, string Version)>(
                $"SELECT grain, name, start, period, version FROM reminder WHERE {which}", parameters)
                .Select(r => new ReminderEntry
                {
                    GrainId = GrainId.Parse(r.Grain, CultureInfo.InvariantCulture), ReminderName = r.Name,
                    StartAt = new DateTime(r.Start, DateTimeKind.Utc), Period = TimeSpan.FromTicks(r.Period), ETag = r.Version,
                }));
        }
    }

    private static InconsistentStateException Changed(string stateName, GrainId grainId) =>
        new($"state {stateName} of {grainId} was written by another since it was read; read it again");

    private static string Text(long version) => version.ToString(CultureInfo.InvariantCulture);

    private static long? Number(string? version) => version is null ? null : long.Parse(version, CultureInfo.InvariantCulture);
}

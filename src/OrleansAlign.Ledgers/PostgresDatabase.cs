using Npgsql;

namespace OrleansAlign.Ledgers;

/// <summary>One database and its connections: calls wait for a free connection, passing failures are tried again, and others become one clear line.</summary>
internal sealed class PostgresDatabase : IAsyncDisposable
{
    private readonly NpgsqlDataSource source;
    private readonly SemaphoreSlim free;

    private PostgresDatabase(NpgsqlDataSource source, string name, int connections) =>
        (this.source, Name, free) = (source, name, new SemaphoreSlim(connections));

    /// <summary>The database's name in messages: user, host, port and database, never the password.</summary>
    public string Name { get; }

    /// <summary>Reads the connection string; nothing is connected yet.</summary>
    /// <exception cref="InvalidDataException">It is no valid connection string.</exception>
    public static PostgresDatabase Of(string connectionString)
    {
        NpgsqlConnectionStringBuilder builder = Parse(connectionString);

        // All processes share the server's connections, 100 by default.
        if (!builder.ShouldSerialize("Maximum Pool Size")) builder.MaxPoolSize = 16;
        if (!builder.ShouldSerialize("Application Name")) builder.ApplicationName = "align";
        if (!builder.ShouldSerialize("TCP Keepalive")) builder.TcpKeepAlive = true;

        // No call changes a session's settings, so nothing needs resetting between two uses.
        builder.NoResetOnClose = true;

        string name = $"PostgreSQL at {builder.Host}:{builder.Port}, database {builder.Database ?? builder.Username}, user {builder.Username ?? "unnamed"}";
        return new PostgresDatabase(new NpgsqlDataSourceBuilder(builder.ConnectionString).Build(), name, builder.MaxPoolSize);
    }

    /// <summary>Tries <paramref name="use"/> on a connection, again while it fails in a way that passes.</summary>
    /// <exception cref="IOException">It failed in another way, or patience ended.</exception>
    public Task<T> TryAsync<T>(Func<NpgsqlConnection, CancellationToken, Task<T>> use, Patience patience, CancellationToken cancel) =>
        TryAsync(use, patience, patience.Now, cancel);

    /// <inheritdoc cref="TryAsync{T}(Func{NpgsqlConnection, CancellationToken, Task{T}}, Patience, CancellationToken)"/>
    /// <param name="use">What to do.</param>
    /// <param name="patience">How long to try.</param>
    /// <param name="start">The moment that patience counts from.</param>
    /// <param name="cancel">Ends the attempt.</param>
    public async Task<T> TryAsync<T>(Func<NpgsqlConnection, CancellationToken, Task<T>> use, Patience patience, long start, CancellationToken cancel)
    {
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                return await OnceAsync(use, cancel).ConfigureAwait(false);
            }
            catch (Exception error) when (PostgresFailure.IsOfServer(error))
            {
                cancel.ThrowIfCancellationRequested();
                if (!PostgresFailure.IsPassing(error)) throw new IOException(Failed(error), error);
                if (patience.IsOver(start)) throw new IOException(Failed(error, patience), error);
                await patience.WaitAsync(attempt, cancel).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Uses a connection once.</summary>
    public async Task<T> OnceAsync<T>(Func<NpgsqlConnection, CancellationToken, Task<T>> use, CancellationToken cancel)
    {
        await free.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancel).ConfigureAwait(false);
            return await use(connection, cancel).ConfigureAwait(false);
        }
        catch (Exception error) when (PostgresFailure.IsPassing(error))
        {
            // If the server went away, all pooled connections are broken: clearing the pool spares the next attempts one failure per connection.
            if (error is not PostgresException) source.Clear();
            throw;
        }
        finally
        {
            free.Release();
        }
    }

    /// <summary>The message for a failure.</summary>
    public string Failed(Exception error, Patience? waited = null) =>
        $"{Name}: {(waited is null ? "" : $"given up after {waited.Limit.TotalSeconds:0.#} s: ")}{PostgresFailure.Describe(error)}";

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        free.Dispose();
        return source.DisposeAsync();
    }

    private static NpgsqlConnectionStringBuilder Parse(string text)
    {
        const string form = "; it needs the form Host=…;Port=5432;Database=…;Username=…;Password=…, values with ; or = in them quoted";
        NpgsqlConnectionStringBuilder builder;
        try
        {
            builder = new NpgsqlConnectionStringBuilder(text);
        }
        catch (ArgumentException error)
        {
            // Neither the text nor the parser's error goes into the message: an unquoted password may be in either.
            throw new InvalidDataException(error is { InnerException: FormatException or OverflowException or InvalidCastException, ParamName: { } key }
                ? $"the connection string's value of {key} cannot be read{form}"
                : $"the connection string cannot be read{form}");
        }
        catch (FormatException)
        {
            throw new InvalidDataException($"the connection string cannot be read{form}");
        }

        if (string.IsNullOrWhiteSpace(builder.Host)) throw new InvalidDataException($"the connection string has no Host{form}");
        if (builder.Port is < 1 or > 65535) throw new InvalidDataException($"the connection string's Port is {builder.Port}; it must be from 1 to 65535");
        return builder;
    }
}

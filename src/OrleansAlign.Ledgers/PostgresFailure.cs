using System.Net.Sockets;
using System.Security.Authentication;
using Npgsql;

namespace OrleansAlign.Ledgers;

/// <summary>Which failures of a server pass, and the messages for the others.</summary>
/// <remarks>SQLSTATE codes: PostgreSQL's documentation, appendix A.</remarks>
internal static class PostgresFailure
{
    /// <summary>Whether the same call may succeed a little later: the server restarts, fails over or is out of connections, or writers deadlocked.</summary>
    public static bool IsPassing(Exception error) => error switch
    {
        PostgresException known => known.SqlState.StartsWith("08", StringComparison.Ordinal) || known.SqlState is
            PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.LockNotAvailable
            or PostgresErrorCodes.TooManyConnections or PostgresErrorCodes.OutOfMemory or PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.AdminShutdown
            or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow or "25P03" // idle_in_transaction_session_timeout
            or PostgresErrorCodes.IdleSessionTimeout or PostgresErrorCodes.ReadOnlySqlTransaction,
        NpgsqlException { InnerException: AuthenticationException } => false,
        NpgsqlException lost => lost.IsTransient || lost.InnerException is IOException or SocketException or TimeoutException,
        SocketException or TimeoutException or IOException => true,
        _ => false,
    };

    /// <summary>Whether the error is one of the connection or the server, rather than of the program.</summary>
    public static bool IsOfServer(Exception error) => error is NpgsqlException or SocketException or TimeoutException or IOException;

    /// <summary>What is wrong and what to do, in one line.</summary>
    public static string Describe(Exception error)
    {
        if (error is PostgresException known) return $"{OneLine(known.MessageText)} (SQLSTATE {known.SqlState}); {Remedy(known.SqlState)}";

        for (Exception? cause = error; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case SocketException { SocketErrorCode: SocketError.ConnectionRefused }:
                    return "nothing listens there; start the server, or correct Host and Port in the connection string";
                case SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData }:
                    return "no host of that name is known; correct Host in the connection string";
                case SocketException socket:
                    return $"it cannot be reached ({OneLine(socket.Message)}); look after the network, or correct Host and Port in the connection string";
                case TimeoutException:
                    return "it did not answer in time; look after the server and the network, or correct Host and Port in the connection string";
                case AuthenticationException:
                    return $"no secure connection came about ({OneLine(cause.Message)}); correct SSL Mode and the certificates in the connection string";
                case IOException:
                    return "the connection broke; look after the server and the network";
                default:
                    break;
            }
        }

        return $"{OneLine(error.Message)}; correct the connection string";
    }

    private static string Remedy(string state) => state switch
    {
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
            "correct Username and Password in the connection string, or let the user in by pg_hba.conf",
        PostgresErrorCodes.InvalidCatalogName => "create the database, or correct Database in the connection string",
        PostgresErrorCodes.InsufficientPrivilege =>
            "let the user create a schema in the database: GRANT CREATE ON DATABASE … TO …, or own the schema align",
        PostgresErrorCodes.TooManyConnections => "raise the server's max_connections, or lower Maximum Pool Size in the connection string",
        PostgresErrorCodes.DiskFull => "make room on the server's disk and resume the run",
        PostgresErrorCodes.ReadOnlySqlTransaction => "connect to the primary server, not to a standby",
        PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn =>
            "something removed the ledger's tables from schema align: restore them from a copy",
        PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow => "start the server and try again",
        _ => "look after the server and try again",
    };

    private static string OneLine(string text) => text.ReplaceLineEndings(" ").TrimEnd('.', ' ');
}

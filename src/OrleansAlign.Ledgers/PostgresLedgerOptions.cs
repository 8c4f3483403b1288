namespace OrleansAlign.Ledgers;

/// <summary>Waits and batch sizes of the ledgers in PostgreSQL.</summary>
public sealed record PostgresLedgerOptions
{
    /// <summary>How long a call waits for a server that is away (restarting, failing over, out of connections). Default 5 minutes.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long opening waits for the server. Shorter, because a wrong address looks like a server that is away. Default 10 seconds.</summary>
    public TimeSpan PatienceToOpen { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Most rows of one commit. Default 4096, in [1, 100000].</summary>
    public int BatchRows { get; init; } = 4096;

    /// <summary>Batches of one table that are under way at once. Default 2, in [1, 16].</summary>
    public int Lanes { get; init; } = 2;
}

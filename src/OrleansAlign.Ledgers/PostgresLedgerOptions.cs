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

    /// <summary>One message per invalid option; empty if all are valid.</summary>
    public IEnumerable<string> Problems()
    {
        if (!(Patience >= TimeSpan.Zero)) yield return $"{nameof(Patience)} is {Patience}; it must not be negative";
        if (!(PatienceToOpen >= TimeSpan.Zero)) yield return $"{nameof(PatienceToOpen)} is {PatienceToOpen}; it must not be negative";
        if (BatchRows is < 1 or > 100_000) yield return $"{nameof(BatchRows)} is {BatchRows}; it must be from 1 to 100000";
        if (Lanes is < 1 or > 16) yield return $"{nameof(Lanes)} is {Lanes}; it must be from 1 to 16";
    }
}

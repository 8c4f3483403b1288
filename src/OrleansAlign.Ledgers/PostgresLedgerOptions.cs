namespace OrleansAlign.Ledgers;

/// <summary>How patient and how wide a ledger in PostgreSQL is.</summary>
public sealed record PostgresLedgerOptions
{
    /// <summary>How long a call waits out a server that is away (restarting, failing over, out of connections). Default 5 minutes.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The same while opening, where an address may just as well be wrong. Default 10 seconds.</summary>
    public TimeSpan PatienceToOpen { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Most rows that are committed together. Default 4096, in [1, 100000].</summary>
    public int BatchRows { get; init; } = 4096;

    /// <summary>Batches of one table that are under way at once. Default 2, in [1, 16].</summary>
    public int Lanes { get; init; } = 2;

    /// <summary>What is wrong with these options; empty if nothing is.</summary>
    public IEnumerable<string> Problems()
    {
        if (!(Patience >= TimeSpan.Zero)) yield return $"{nameof(Patience)} is {Patience}; it must not be negative";
        if (!(PatienceToOpen >= TimeSpan.Zero)) yield return $"{nameof(PatienceToOpen)} is {PatienceToOpen}; it must not be negative";
        if (BatchRows is < 1 or > 100_000) yield return $"{nameof(BatchRows)} is {BatchRows}; it must be from 1 to 100000";
        if (Lanes is < 1 or > 16) yield return $"{nameof(Lanes)} is {Lanes}; it must be from 1 to 16";
    }
}

using Microsoft.Data.Sqlite;
using OrleansAlign.Core.Ledger;

namespace OrleansAlign.Ledgers;

/// <summary>Copies the first stages of a run's ledger into a ledger of another run.</summary>
public static class SqliteBranch
{
    /// <summary>Writes the other run's ledger.</summary>
    /// <remarks>
    /// Verdicts and ratings are copied whole: they are named by the hashes of judge and texts, so they hold in any run. The file is written aside and renamed,
    /// so a ledger is there completely or not at all.
    /// </remarks>
    /// <param name="from">The ledger to copy; no process writes it.</param>
    /// <param name="to">The new ledger's file, which does not exist yet.</param>
    /// <param name="run">The new run.</param>
    /// <param name="stages">Number of stages whose rows are copied, from the first.</param>
    /// <param name="evaluations">Whether the evaluations of these stages' policies are copied.</param>
    /// <exception cref="IOException">The ledgers cannot be read or written.</exception>
    public static async Task WriteAsync(string from, string to, RunRow run, int stages, bool evaluations)
    {
        string aside = $"{to}.writing";
        foreach (string left in new[] { "", "-wal", "-shm" }) File.Delete(aside + left);
        try
        {
            using (SqliteSession source = SqliteSession.Open(from, SqliteOpenMode.ReadWrite))
            {
                SqliteSchema.Ensure(from, source);
                source.Execute($"VACUUM INTO '{aside.Replace("'", "''", StringComparison.Ordinal)}'");
            }

            using SqliteSession copy = SqliteSession.Open(aside, SqliteOpenMode.ReadWrite);
            IEnumerable<Table> ofStages = LedgerTables.All.Where(t => t.Keys.Any(k => k.Name == "stage"));
            string others = evaluations ? $" WHERE policy NOT IN (SELECT policy_after FROM {LedgerTables.Round.Name})" : "";
            using (SqliteTransaction transaction = copy.Begin())
            {
                string later = string.Concat(ofStages.Select(t => $"DELETE FROM {t.Name} WHERE stage >= {stages};"));
                copy.Execute($"{later} DELETE FROM {LedgerTables.Evaluation.Name}{others}; DELETE FROM {LedgerTables.Run.Name};", transaction);
                transaction.Commit();
            }
        }
        catch (SqliteException error)
        {
            throw new SqliteFailure(to).Explain(error);
        }

        await using (SqliteLedger ledger = SqliteLedger.Open(aside)) await ledger.AddRunAsync(run).ConfigureAwait(false);
        File.Move(aside, to);
    }
}

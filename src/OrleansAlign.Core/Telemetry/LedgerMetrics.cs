using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ledger;

namespace OrleansAlign.Core.Telemetry;

/// <summary>Counts what is committed to a ledger for the first time, so that counters agree with its rows.</summary>
public static class LedgerMetrics
{
    /// <summary>Counts the rows that are added to <paramref name="ledger"/> from now on.</summary>
    public static void Count(this AlignMetrics metrics, IRunLedger ledger) => ledger.Added = rows => Count(metrics, rows);

    private static void Count(AlignMetrics metrics, IReadOnlyList<object> added)
    {
        switch (added)
        {
            case IReadOnlyList<CompletionRow> completions:
                metrics.Add(AlignSeries.Completions, completions.Count);
                metrics.Add(AlignSeries.TokensGenerated, completions.Sum(row => row.Tokens.Length));
                break;
            case IReadOnlyList<VerdictRow> verdicts:
                foreach (Verdict verdict in verdicts.Select(row => row.Verdict))
                {
                    metrics.Add(AlignSeries.Verdicts, 1, verdict.Outcome.ToString().ToLowerInvariant());
                    if (verdict.Flipped) metrics.Add(AlignSeries.VerdictsFlipped, 1);
                }

                break;
            case IReadOnlyList<PairSetRow> pairSets:
                metrics.Add(AlignSeries.Prompts, pairSets.Count);
                metrics.Add(AlignSeries.Matches, pairSets.Sum(row => row.Matches.Count));
                metrics.Add(AlignSeries.Pairs, pairSets.Sum(row => row.Pairs.Count));
                break;
            case IReadOnlyList<StepRow> steps:
                metrics.Add(AlignSeries.Steps, steps.Count);
                metrics.Add(AlignSeries.TokensTrained, steps.Sum(row => row.Report.Tokens));
                break;
        }
    }
}

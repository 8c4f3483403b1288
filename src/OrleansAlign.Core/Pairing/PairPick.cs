namespace OrleansAlign.Core.Pairing;

/// <summary>One preference pair among a prompt's candidates.</summary>
/// <param name="Chosen">Index of the better candidate.</param>
/// <param name="Rejected">Index of the worse; its content differs.</param>
/// <param name="Margin">How sure: in [0, 1] for brackets (see <see cref="VerdictGraph"/>), the difference for scores.</param>
/// <param name="MatchId">The match that decided between the two; null if the pair stands by a chain of matches or by scores.</param>
public sealed record PairPick(int Chosen, int Rejected, double Margin, string? MatchId);

/// <summary>The pairs of one prompt, which may be none.</summary>
/// <param name="Pairs">In order of play; deterministic.</param>
/// <param name="Reason">Why there are none; null if there are.</param>
public sealed record PairPicks(IReadOnlyList<PairPick> Pairs, string? Reason)
{
    internal static PairPicks None(string reason) => new([], reason);
}

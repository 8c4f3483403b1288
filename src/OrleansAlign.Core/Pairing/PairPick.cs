namespace OrleansAlign.Core.Pairing;

/// <summary>One preference pair among a prompt's candidates.</summary>
/// <param name="Chosen">Index of the better candidate.</param>
/// <param name="Rejected">Index of the worse; its content differs.</param>
/// <param name="Margin">How sure: in [0, 1] for brackets (see <see cref="VerdictGraph"/>), the difference for scores.</param>
public sealed record PairPick(int Chosen, int Rejected, double Margin);

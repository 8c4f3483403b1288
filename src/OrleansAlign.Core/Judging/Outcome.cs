namespace OrleansAlign.Core.Judging;

/// <summary>Outcome of a comparison of two responses. Only <see cref="A"/> and <see cref="B"/> may ever become labels.</summary>
public enum Outcome
{
    /// <summary>The first response is better.</summary>
    A,

    /// <summary>The second response is better.</summary>
    B,

    /// <summary>The judge could not tell them apart.</summary>
    Tie,

    /// <summary>The judge gave nothing that can be read as a comparison.</summary>
    Invalid,
}

/// <summary>Questions that several types ask of an <see cref="Outcome"/>.</summary>
public static class OutcomeExtensions
{
    /// <summary>Whether there is a winner.</summary>
    public static bool IsDecided(this Outcome outcome) => outcome is Outcome.A or Outcome.B;

    /// <summary>The same outcome with the two responses exchanged.</summary>
    public static Outcome Swap(this Outcome outcome) => outcome switch
    {
        Outcome.A => Outcome.B,
        Outcome.B => Outcome.A,
        _ => outcome,
    };

    /// <summary>How sure a decided outcome with this margin (A's share minus B's) is; 0 for the others.</summary>
    internal static double Confidence(this Outcome outcome, double margin) => outcome switch
    {
        Outcome.A => Math.Max(0, margin),
        Outcome.B => Math.Max(0, -margin),
        _ => 0,
    };
}

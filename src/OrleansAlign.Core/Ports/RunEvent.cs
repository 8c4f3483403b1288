using OrleansAlign.Core.Ledger;

namespace OrleansAlign.Core.Ports;

/// <summary>An event that a run reports while it executes.</summary>
public abstract record RunEvent
{
    private RunEvent()
    {
    }

    /// <summary>A stage, or a round of one, begins.</summary>
    /// <param name="Stage">Stage, from 0.</param>
    /// <param name="Kind">Kind of the stage, as recipes write it.</param>
    /// <param name="Round">Round, from 1; 0 in stages without rounds.</param>
    /// <param name="Rounds">Rounds of the stage; 0 in stages without.</param>
    public sealed record Began(int Stage, string Kind, int Round, int Rounds) : RunEvent;

    /// <summary>An activity made progress.</summary>
    /// <param name="Activity">The activity: <c>play</c>, <c>train</c>, <c>evaluate</c>.</param>
    /// <param name="Done">Units done, those of an earlier process included.</param>
    /// <param name="Total">Units in all.</param>
    /// <param name="Unit">What is counted, in the plural.</param>
    /// <param name="Figure">A figure worth seeing beside it, such as the loss; null if there is none.</param>
    public sealed record Advanced(string Activity, long Done, long Total, string Unit, string? Figure = null) : RunEvent;

    /// <summary>A stage, or a round of one, ended.</summary>
    public sealed record Ended(RoundRow Round, EvaluationRow? Evaluation) : RunEvent;

    /// <summary>Something that a user should know, in words.</summary>
    public sealed record Noted(string Text) : RunEvent;
}

using OrleansAlign.Core.Ledger;

namespace OrleansAlign.Grains.Contracts;

/// <summary>A round, as it is named between grains: with the recipe, all that is needed to plan it.</summary>
/// <param name="Run">The run.</param>
/// <param name="Stage">Stage, from 0.</param>
/// <param name="Round">Round, from 1.</param>
/// <param name="Player">Hash of the policy that draws the candidates.</param>
/// <param name="Judge">Hash of the policy that judges them.</param>
/// <param name="Reference">Hash of the policy that anchors the loss.</param>
[GenerateSerializer, Immutable, Alias("align.round-ref")]
public sealed record RoundRef(
    [property: Id(0)] string Run, [property: Id(1)] int Stage, [property: Id(2)] int Round, [property: Id(3)] string Player, [property: Id(4)] string Judge, [property: Id(5)] string Reference);

/// <summary>One prompt of a round: asks for its candidates and hands them to its bracket as they come.</summary>
[Alias("align.prompt")]
public interface IPromptGrain : IGrainWithStringKey
{
    /// <summary>Works towards the prompt's pair set.</summary>
    /// <param name="round">The round that it stands in.</param>
    /// <param name="begun">Whether the ledger may have something of the prompt; if not, it is not asked.</param>
    /// <param name="wait">How long to wait before replying that it is not done, at most 20 s.</param>
    /// <returns>Whether the pair set is in the ledger; if not, the work goes on and the caller asks again.</returns>
    [Alias("play"), ResponseTimeout("00:01:00")]
    Task<bool> PlayAsync(RoundRef round, bool begun, TimeSpan wait);
}

/// <summary>One prompt's bracket: plays pending matches as soon as both sides are there, and yields one pair set.</summary>
[Alias("align.bracket")]
public interface IBracketGrain : IGrainWithStringKey
{
    /// <summary>Takes candidates that are in the ledger; those that were taken already are left as they are.</summary>
    [Alias("enter"), ResponseTimeout("00:01:00")]
    Task EnterAsync(RoundRef round, [Immutable] IReadOnlyList<CompletionRow> entering);

    /// <summary>Waits for the end.</summary>
    /// <returns>Whether the pair set is in the ledger; if not, the caller says again who there is, and asks again.</returns>
    [Alias("decide"), ResponseTimeout("00:01:00")]
    Task<bool> DecideAsync(RoundRef round, TimeSpan wait);
}

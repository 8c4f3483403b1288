using System.Security.Cryptography;
using OrleansAlign.Core.Data;
using OrleansAlign.Core.Data.Verification;
using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ports;

namespace OrleansAlign.Core.Judges;

/// <summary>
/// Scores responses by the prompts' own checks (<see cref="Verifiers"/>): no model is asked, and the same response always gets the same score.
/// </summary>
public sealed class RuleJudge : ScoringJudge
{
    /// <inheritdoc/>
    public override string Id { get; } = Convert.ToHexStringLower(SHA256.HashData("the prompt's own check"u8));

    /// <inheritdoc/>
    /// <remarks>A response to a prompt without a check has no rating.</remarks>
    public override Task<IReadOnlyList<Rating>> RateAsync(IReadOnlyList<RatedResponse> responses, CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<Rating>>([.. responses.Select(Rate)]);

    private static Rating Rate(RatedResponse response) => response.Check is null
        ? new Rating.Unparsable("the prompt has no check")
        : Rating.Of(Verifiers.Check(new Prompt("rated", response.Messages) { Check = response.Check }, response.Response).Score);
}

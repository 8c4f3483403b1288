namespace OrleansAlign.Core.Data.Verification;

/// <summary>What a verifier found.</summary>
/// <param name="Pass">Whether the response is right.</param>
/// <param name="Score">How right; 1 if it passes. Finite, higher is better, comparable among responses to one prompt.</param>
/// <param name="Reason">What is wrong; null if it passes.</param>
public sealed record VerifierResult(bool Pass, double Score, string? Reason)
{
    /// <summary>Right.</summary>
    public static VerifierResult Passed { get; } = new(true, 1, null);

    /// <summary>Wrong altogether.</summary>
    public static VerifierResult Failed(string reason) => new(false, 0, reason);
}

/// <summary>A rule that checks responses to a prompt without a model. Deterministic.</summary>
public interface IVerifier
{
    /// <summary>Checks one response.</summary>
    VerifierResult Check(Prompt prompt, string response);
}

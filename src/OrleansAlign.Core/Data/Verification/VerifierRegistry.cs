using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace OrleansAlign.Core.Data.Verification;

/// <summary>Makes the verifier that a prompt's "check" object asks for by its "kind". Immutable; further kinds are added with
/// <see cref="With"/>.</summary>
public sealed class VerifierRegistry : IVerifier
{
    private readonly ImmutableSortedDictionary<string, Func<CheckSettings, IVerifier>> kinds;

    private VerifierRegistry(ImmutableSortedDictionary<string, Func<CheckSettings, IVerifier>> kinds) => this.kinds = kinds;

    /// <summary>exact, contains, regex, number and list.</summary>
    public static VerifierRegistry Default { get; } = new VerifierRegistry(
        ImmutableSortedDictionary.Create<string, Func<CheckSettings, IVerifier>>(StringComparer.Ordinal))
        .With("exact", c => new ExactVerifier(c.Text("answer"), c.Flag("ignore_case")))
        .With("contains", c => new ContainsVerifier(c.Texts("answer"), c.Flag("ignore_case")))
        .With("regex", c => new RegexVerifier(c.Text("pattern"), c.Flag("ignore_case")))
        .With("number", c => new NumberVerifier(c.Number("answer"), c.Number("tolerance", 1e-6)))
        .With("list", c => new ListVerifier(c.Count("count"), c.Texts("allowed"), c.Text("separator", ", ")));

    /// <summary>This registry and one more kind, or another maker for a kind.</summary>
    /// <param name="kind">The check's "kind".</param>
    /// <param name="make">Makes the verifier from the check's settings; throws <see cref="InvalidDataException"/> if one is wrong, as the
    /// settings do.</param>
    public VerifierRegistry With(string kind, Func<CheckSettings, IVerifier> make) => new(kinds.SetItem(kind, make));

    /// <summary>The verifier of a check.</summary>
    /// <exception cref="InvalidDataException">The kind is unknown or a setting is missing or wrong.</exception>
    public IVerifier Create(JsonObject check)
    {
        var settings = new CheckSettings(check);
        string kind = settings.Text("kind");
        return kinds.TryGetValue(kind, out Func<CheckSettings, IVerifier>? make)
            ? make(settings)
            : throw new InvalidDataException($"check: \"kind\" is '{kind}'; it must be one of {string.Join(", ", kinds.Keys)}");
    }

    /// <summary>Why answers to these prompts cannot all be checked: one message per faulty prompt.</summary>
    public IEnumerable<string> Problems(IEnumerable<Prompt> prompts)
    {
        foreach (Prompt prompt in prompts)
        {
            string? problem = null;
            try
            {
                if (prompt.Check is null) problem = "the row has no \"check\" and no \"answer\"; a verifier needs one";
                else Create(prompt.Check);
            }
            catch (InvalidDataException broken)
            {
                problem = broken.Message;
            }

            if (problem is not null) yield return $"prompt {prompt.Id}: {problem}";
        }
    }

    /// <summary>Checks a response by the prompt's own check.</summary>
    /// <exception cref="InvalidDataException">The prompt has no check or a faulty one; <see cref="Problems"/> says so beforehand.</exception>
    public VerifierResult Check(Prompt prompt, string response)
    {
        if (prompt.Check is null) throw new InvalidDataException(Problems([prompt]).First());
        return Create(prompt.Check).Check(prompt, response);
    }
}

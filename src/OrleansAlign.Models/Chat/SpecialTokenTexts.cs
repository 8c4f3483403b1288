namespace OrleansAlign.Models.Chat;

/// <summary>The special tokens' texts that a template may write by name; one that is null is undefined to the template.</summary>
/// <param name="Bos">Begin of sequence, <c>bos_token</c>.</param>
/// <param name="Eos">End of sequence, <c>eos_token</c>.</param>
/// <param name="Pad">Padding, <c>pad_token</c>.</param>
/// <param name="Unk">Unknown, <c>unk_token</c>.</param>
public sealed record SpecialTokenTexts(string? Bos = null, string? Eos = null, string? Pad = null, string? Unk = null)
{
    /// <summary>No special token has a name.</summary>
    public static SpecialTokenTexts None { get; } = new();
}

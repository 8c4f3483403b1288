namespace OrleansAlign.Models.Chat;

/// <summary>Clock and bounds under which a template is rendered, so that a hostile one ends soon with a clear error.</summary>
public sealed record ChatTemplateOptions
{
    /// <summary>The defaults.</summary>
    public static ChatTemplateOptions Default { get; } = new();

    /// <summary>The clock behind <c>strftime_now</c>; the system's local time by default.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Most steps of one rendering: an expression, a statement, an item, or 16 characters made is one. 10,000,000 by default.</summary>
    public int MaxSteps { get; init; } = 10_000_000;

    /// <summary>Most characters of the result and of any text made on the way. 16,777,216 by default.</summary>
    public int MaxLength { get; init; } = 1 << 24;

    /// <summary>
    /// Deepest nesting of the template, of its evaluation, macro calls included, and of the values in it. 400 by default, at most 1,000.
    /// </summary>
    public int MaxDepth { get; init; } = 400;

    /// <summary>What is wrong with these options; empty when nothing is.</summary>
    public IEnumerable<string> Problems()
    {
        if (MaxSteps < 1) yield return $"{nameof(MaxSteps)} is {MaxSteps}; it must be at least 1.";
        if (MaxLength < 1) yield return $"{nameof(MaxLength)} is {MaxLength}; it must be at least 1.";
        if (MaxDepth is < 1 or > 1000) yield return $"{nameof(MaxDepth)} is {MaxDepth}; it must lie in 1 … 1000, what a thread's stack holds.";
    }
}

namespace OrleansAlign.Models.Chat;

/// <summary>Clock and bounds under which a template is rendered, so that a hostile one ends soon with a clear error.</summary>
public sealed record ChatTemplateOptions
{
    /// <summary>The clock behind <c>strftime_now</c>; the system's local time by default.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Most steps of one rendering: an expression, a statement, an item, or 16 characters made is one. 10,000,000 by default.</summary>
    public int MaxSteps { get; init; } = 10_000_000;

    /// <summary>Most characters of the result and of any text made on the way. 16,777,216 by default.</summary>
    public int MaxLength { get; init; } = 1 << 24;

    /// <summary>
    /// Deepest nesting of the template, of its evaluation, macro calls included, and of the values in it. 400 by default.
    /// </summary>
    public int MaxDepth { get; init; } = 400;
}

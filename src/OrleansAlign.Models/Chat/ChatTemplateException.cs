namespace OrleansAlign.Models.Chat;

/// <summary>A chat template that cannot be read, or that refused or failed to render a conversation.</summary>
public sealed class ChatTemplateException : Exception
{
    private const int LongestMessage = 1000;

    internal ChatTemplateException(string template, int line, string what, string? raised, Exception? cause = null)
        : base($"Chat template '{template}', line {line}: {Cut(what)}", cause) =>
        (TemplateName, Line, Raised) = (template, line, raised);

    /// <summary>The template's name.</summary>
    public string TemplateName { get; }

    /// <summary>Line of the template, counted from 1.</summary>
    public int Line { get; }

    /// <summary>The template's own words when it called <c>raise_exception</c>; null for any other failure.</summary>
    public string? Raised { get; }

    /// <summary>A hostile template can put any length of text into a message.</summary>
    private static string Cut(string what) => what.Length > LongestMessage ? what[..LongestMessage] + "…" : what;
}

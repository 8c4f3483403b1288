namespace OrleansAlign.Models.Chat.Jinja;

/// <summary>
/// A failure that does not know its template's name yet; <see cref="ChatTemplate"/> turns it into a <see cref="ChatTemplateException"/>.
/// </summary>
/// <param name="what">Construct, rule and remedy.</param>
/// <param name="line">Line of the template; for 0 the catcher fills in the line that is being evaluated.</param>
/// <param name="raised">The words of <c>raise_exception</c>, if that is what failed.</param>
internal sealed class TemplateFault(string what, int line = 0, string? raised = null) : Exception(what)
{
    public int Line { get; } = line;

    public string? Raised { get; } = raised;
}

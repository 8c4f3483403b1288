using System.Text.Json.Nodes;
using OrleansAlign.Models.Chat.Jinja;
using OrleansAlign.Models.Text;

namespace OrleansAlign.Models.Chat;

/// <summary>A chat template as published with a model: turns a conversation into the text that the model reads.</summary>
/// <remarks>
/// <para>The language is Jinja 2 as transformers sets it up (<c>trim_blocks</c>, <c>lstrip_blocks</c>, <c>break</c>, <c>continue</c>,
/// <c>generation</c>, <c>raise_exception</c>, <c>strftime_now</c>, a <c>tojson</c> that escapes no HTML), with Python's values underneath.
/// Departures: no inheritance, inclusion, recursive loops, HTML-safe strings or formats (<c>%</c>, <c>format</c>, padding, <c>cycler</c>,
/// <c>joiner</c>, none of which published templates use); case mapping is one character to one, except for ß;
/// lists and dictionaries may be changed by their methods, which transformers' sandbox refuses.</para>
/// <para>Every character of the result is marked: what comes from a message or a variable is content, whatever the template does to it;
/// what the template writes, and the special tokens' texts, is frame. A role is frame when it is one of <see cref="KnownRoles"/>, since
/// templates build control tokens of it and a closed set of names forges none; any other role is content. Numbers are frame.</para>
/// <para>A template is immutable; it may render on many threads at once.</para>
/// </remarks>
public sealed class ChatTemplate
{
    private readonly List<Statement> statements;
    private readonly ChatTemplateOptions options;
    private readonly ChatTemplate? forTools;

    private ChatTemplate(
        string source, string name, SpecialTokenTexts tokens, ChatTemplateOptions options, List<Statement> statements, ChatTemplate? forTools)
    {
        (Source, Name, Tokens) = (source, name, tokens);
        (this.options, this.statements, this.forTools) = (options, statements, forTools);
    }

    /// <summary>Roles that are frame when a message has them.</summary>
    public static IReadOnlySet<string> KnownRoles { get; } =
        new HashSet<string>(StringComparer.Ordinal)
        {
            "system", "developer", "user", "assistant", "model", "tool", "function", "ipython", "observation",
        };

    /// <summary>The template's text.</summary>
    public string Source { get; }

    /// <summary>The template's name, for messages.</summary>
    public string Name { get; }

    /// <summary>The special tokens' texts that the template may write.</summary>
    public SpecialTokenTexts Tokens { get; }

    /// <summary>Reads a template.</summary>
    /// <param name="source">Its text.</param>
    /// <param name="name">Its name, for messages.</param>
    /// <param name="tokens">The special tokens' texts; none by default.</param>
    /// <param name="options">Clock and bounds; null: the defaults.</param>
    /// <exception cref="ChatTemplateException">
    /// The template is not well formed, or uses a tag that does not exist, or a filter or test that does not exist where no condition decides whether it runs.
    /// </exception>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static ChatTemplate Parse(string source, string name, SpecialTokenTexts? tokens = null, ChatTemplateOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        options ??= new ChatTemplateOptions();
        try
        {
            List<Statement> statements = TemplateParser.Parse(source, options.MaxDepth);
            return new ChatTemplate(source, name, tokens ?? SpecialTokenTexts.None, options, statements, forTools: null);
        }
        catch (TemplateFault fault)
        {
            throw new ChatTemplateException(name, Math.Max(1, fault.Line), fault.Message, raised: null, fault);
        }
    }

    /// <summary>Reads the template that lies beside a model; null when there is none.</summary>
    /// <param name="directory">The model's directory.</param>
    /// <param name="options">Clock and bounds; null: the defaults.</param>
    /// <remarks>
    /// Looks into <c>chat_template.jinja</c> with <c>additional_chat_templates/*.jinja</c>, <c>tokenizer_config.json</c> and <c>chat_template.json</c>,
    /// in this order. Of several named templates it takes <c>default</c>, and <c>tool_use</c> for conversations with tools. The special tokens come from
    /// <c>tokenizer_config.json</c>, else from <c>special_tokens_map.json</c>.
    /// </remarks>
    /// <exception cref="InvalidDataException">A file is not JSON or has the wrong shape.</exception>
    /// <exception cref="ChatTemplateException">A template is not well formed.</exception>
    public static ChatTemplate? Load(string directory, ChatTemplateOptions? options = null) => ChatTemplateFiles.Load(directory, options);

    /// <summary>Renders a conversation.</summary>
    /// <param name="messages">Its turns, oldest first.</param>
    /// <param name="addGenerationPrompt">Whether the text ends where the assistant's next turn begins.</param>
    /// <param name="variables">
    /// Further variables: <c>tools</c>, <c>documents</c>, <c>enable_thinking</c>, <c>date_string</c>. <c>tools</c> and <c>documents</c> are
    /// none when absent, as in transformers. Their texts are content.
    /// </param>
    /// <exception cref="ChatTemplateException">The template refused the conversation, failed, or took more than its bounds.</exception>
    /// <exception cref="ArgumentException">A message or variable contradicts itself.</exception>
    public MarkedText Render(IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt, JsonObject? variables = null)
    {
        ArgumentNullException.ThrowIfNull(messages);
        if (forTools is not null && variables?["tools"] is not null) return forTools.Render(messages, addGenerationPrompt, variables);

        var runtime = new Runtime(new Budget(options), options.Time);
        var evaluator = new Evaluator(runtime) { Line = 1 };
        try
        {
            Scope scope = ChatContext.Build(messages, addGenerationPrompt, Tokens, variables, runtime);
            return new Interpreter(runtime, evaluator).Run(statements, scope);
        }
        catch (TemplateFault fault)
        {
            throw new ChatTemplateException(Name, fault.Line > 0 ? fault.Line : evaluator.Line, fault.Message, fault.Raised, fault);
        }
    }

    /// <summary>This template, with another one for conversations that come with tools.</summary>
    internal ChatTemplate WithToolTemplate(ChatTemplate other) => new(Source, Name, Tokens, options, statements, other);
}

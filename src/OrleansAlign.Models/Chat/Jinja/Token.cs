namespace OrleansAlign.Models.Chat.Jinja;

internal enum TokenKind
{
    /// <summary>Text outside of tags, white space already cut as the tags around it ask.</summary>
    Text,

    /// <summary><c>{%</c></summary>
    BlockBegin,

    /// <summary><c>%}</c></summary>
    BlockEnd,

    /// <summary><c>{{</c></summary>
    OutputBegin,

    /// <summary><c>}}</c></summary>
    OutputEnd,

    /// <summary>A name or keyword.</summary>
    Name,

    /// <summary>A quoted text, its escapes resolved.</summary>
    String,

    /// <summary>A number, as written.</summary>
    Number,

    /// <summary>An operator or bracket.</summary>
    Operator,

    /// <summary>The end of the template.</summary>
    End,
}

/// <summary>A piece of a template.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Its text.</param>
/// <param name="Line">Line of its first character, from 1.</param>
internal readonly record struct Token(TokenKind Kind, string Text, int Line)
{
    public bool Is(string op) => Kind == TokenKind.Operator && Text == op;

    public bool IsName(string name) => Kind == TokenKind.Name && Text == name;

    /// <summary>How a message names it.</summary>
    public override string ToString() => Kind switch
    {
        TokenKind.End => "the end of the template",
        TokenKind.BlockEnd => "'%}'",
        TokenKind.OutputEnd => "'}}'",
        TokenKind.String => $"the text \"{Start}\"",
        _ => $"'{Start}'",
    };

    private string Start => Text.Length > 40 ? Text[..40] + "…" : Text;
}

namespace OrleansAlign.Models.Chat.Jinja;

/// <summary>The tokens of a template, read one after the other.</summary>
internal sealed class TokenStream(List<Token> tokens, int maxDepth)
{
    private int position;
    private int depth;

    public Token Current => tokens[position];

    public Token Following => tokens[Math.Min(position + 1, tokens.Count - 1)];

    public Token Take()
    {
        Token token = Current;
        if (token.Kind != TokenKind.End) position++;
        return token;
    }

    public bool Skip(string op)
    {
        bool found = Current.Is(op);
        if (found) position++;
        return found;
    }

    public bool SkipName(string name)
    {
        bool found = Current.IsName(name);
        if (found) position++;
        return found;
    }

    public void Expect(string op, string why)
    {
        if (!Skip(op)) throw new TemplateFault($"{Current} stands where '{op}' must {why}.", Current.Line);
    }

    public string ExpectName(string why) => Current.Kind == TokenKind.Name
        ? Take().Text
        : throw new TemplateFault($"{Current} stands where a name must {why}.", Current.Line);

    public void ExpectKind(TokenKind kind, string what)
    {
        if (Current.Kind != kind) throw new TemplateFault($"{Current} stands where {what}.", Current.Line);
        Take();
    }

    /// <summary>Goes one level of nesting down; <see cref="Leave"/> comes back.</summary>
    public void Enter()
    {
        if (++depth > maxDepth) throw new TemplateFault($"the template nests deeper than {maxDepth} levels. Flatten it, or raise MaxDepth.", Current.Line);
    }

    public void Leave() => depth--;
}

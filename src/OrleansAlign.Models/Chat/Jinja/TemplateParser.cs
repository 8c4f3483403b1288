namespace OrleansAlign.Models.Chat.Jinja;

/// <summary>Parses a template into statements.</summary>
internal sealed class TemplateParser
{
    private static readonly string[] Tags =
        ["if", "for", "set", "macro", "call", "filter", "with", "generation", "break", "continue", "raw"];

    private static readonly string[] Continuations =
        ["elif", "else", "endif", "endfor", "endset", "endmacro", "endcall", "endfilter", "endwith", "endgeneration", "endraw"];

    private readonly TokenStream tokens;
    private readonly ExpressionParser expressions;
    private int loops;

    private TemplateParser(List<Token> tokens, int maxDepth)
    {
        this.tokens = new TokenStream(tokens, maxDepth);
        expressions = new ExpressionParser(this.tokens);
    }

    public static List<Statement> Parse(string source, int maxDepth)
    {
        TemplateParser parser = new(TemplateLexer.Read(source), maxDepth);
        List<Statement> statements = parser.ParseBody(null, 0, out _);
        parser.expressions.Operations.Check();
        return statements;
    }

    /// <summary>Statements up to one of the tags that end <paramref name="opener"/>, whose name has then been read.</summary>
    private List<Statement> ParseBody(string? opener, int openedAt, out string ending, params ReadOnlySpan<string> endings)
    {
        tokens.Enter();
        var body = new List<Statement>();
        while (true)
        {
            Token token = tokens.Take();
            switch (token.Kind)
            {
                case TokenKind.Text:
                    body.Add(new TextStatement(token.Text, token.Line));
                    break;
                case TokenKind.OutputBegin:
                    body.Add(new OutputStatement(expressions.ParseTuple(), token.Line));
                    tokens.ExpectKind(TokenKind.OutputEnd, "'}}' must close the output");
                    break;
                case TokenKind.BlockBegin:
                    string tag = tokens.ExpectName("say what the tag does");
                    if (endings.Contains(tag))
                    {
                        ending = tag;
                        tokens.Leave();
                        return body;
                    }

                    body.Add(ParseTag(tag, token.Line, opener, openedAt, endings));
                    break;
                default:
                    if (opener is not null) throw new TemplateFault($"'{{% {opener} %}}' is never closed. Add '{{% {endings[^1]} %}}'.", openedAt);
                    ending = "";
                    tokens.Leave();
                    return body;
            }
        }
    }

    private Statement ParseTag(string tag, int line, string? opener, int openedAt, ReadOnlySpan<string> endings)
    {
        switch (tag)
        {
            case "if": return ParseIf(line);
            case "for": return ParseFor(line);
            case "set": return ParseSet(line);
            case "macro": return ParseMacro(line);
            case "call": return ParseCall(line);
            case "filter": return ParseFilterBlock(line);
            case "with": return ParseWith(line);
            case "generation": return ParseGeneration(line);
            case "break" or "continue": return ParseJump(tag, line);
        }

        if (Continuations.Contains(tag))
        {
            throw new TemplateFault(
                opener is null
                    ? $"'{tag}' closes nothing that is open."
                    : $"'{tag}' stands where '{endings[^1]}' must close the '{opener}' of line {openedAt}.", line);
        }

        throw new TemplateFault(
            $"there is no tag '{tag}' in chat templates{OperationTable.Suggest(tag, Tags)}. A chat template has these: {string.Join(", ", Tags)}.", line);
    }

    private void CloseTag(string tag) => tokens.ExpectKind(TokenKind.BlockEnd, $"'%}}' must close the '{tag}'");

    private List<Statement> ParseBlock(string opener, int line, string ending)
    {
        CloseTag(opener);
        List<Statement> body = ParseBody(opener, line, out _, ending);
        CloseTag(ending);
        return body;
    }

    private IfStatement ParseIf(int line)
    {
        var branches = new List<KeyValuePair<Expression, List<Statement>>>();
        int faults = expressions.Operations.Faults;
        string ending;
        do
        {
            Expression condition = expressions.ParseTuple(allowConditional: false);
            CloseTag("if");
            branches.Add(new(condition, ParseBody("if", line, out ending, "elif", "else", "endif")));
        }
        while (ending == "elif");

        List<Statement> otherwise = ParseElse("if", line, ending);
        expressions.Operations.Defer(faults);
        return new IfStatement(branches, otherwise, line);
    }

    private ForStatement ParseFor(int line)
    {
        Target target = ParseTarget(allowMember: false);
        if (!tokens.SkipName("in"))
            throw new TemplateFault($"{tokens.Current} stands where 'in' must follow the loop's variable.", tokens.Current.Line);
        Expression items = expressions.ParseTuple(allowConditional: false);
        Expression? condition = tokens.SkipName("if") ? expressions.Parse() : null;
        if (tokens.Current.IsName("recursive"))
            throw new TemplateFault("a recursive loop is not supported. Write a macro that calls itself.", tokens.Current.Line);

        CloseTag("for");
        loops++;
        List<Statement> body = ParseBody("for", line, out string ending, "else", "endfor");
        loops--;
        List<Statement> otherwise = ParseElse("for", line, ending);
        return new ForStatement(target, items, condition, body, otherwise, line);
    }

    private List<Statement> ParseElse(string opener, int line, string ending)
    {
        List<Statement> otherwise = [];
        if (ending == "else")
        {
            CloseTag("else");
            otherwise = ParseBody(opener, line, out _, "end" + opener);
        }

        CloseTag("end" + opener);
        return otherwise;
    }

    private Statement ParseSet(int line)
    {
        Target target = ParseTarget(allowMember: true);
        if (tokens.Skip("="))
        {
            Expression value = expressions.ParseTuple();
            CloseTag("set");
            return new SetStatement(target, value, line);
        }

        Expression? filter = tokens.Skip("|") ? expressions.ParseFiltersOfBlock() : null;
        return new SetBlockStatement(target, ParseBlock("set", line, "endset"), filter, line);
    }

    private MacroStatement ParseMacro(int line)
    {
        string name = tokens.ExpectName("name the macro");
        return new MacroStatement(ParseMacroRest(name, "macro", "endmacro", line), line);
    }

    /// <summary>Parameters, if any, and body.</summary>
    private Macro ParseMacroRest(string name, string opener, string ending, int line, Action? parseAfterParameters = null)
    {
        var parameters = new List<KeyValuePair<string, Expression?>>();
        int outerLoops = loops;
        loops = 0;
        if (tokens.Skip("(")) ParseParameters(parameters);
        else if (opener == "macro") tokens.Expect("(", "open the macro's parameters");

        parseAfterParameters?.Invoke();
        HashSet<string> outer = expressions.SwapNames(new HashSet<string>(StringComparer.Ordinal));
        List<Statement> body = ParseBlock(opener, line, ending);
        loops = outerLoops;
        HashSet<string> read = expressions.SwapNames(outer);
        outer.UnionWith(read);
        bool Hidden(string special) => read.Contains(special) && !parameters.Exists(parameter => parameter.Key == special);
        if (read.Contains("caller") && parameters.Exists(parameter => parameter is { Key: "caller", Value: null }))
            throw new TemplateFault("the parameter 'caller' has a meaning of its own. Leave it out, or give it a default.", line);
        return new Macro(name, parameters, body, Hidden("varargs"), Hidden("kwargs"), Hidden("caller"));
    }

    private void ParseParameters(List<KeyValuePair<string, Expression?>> parameters)
    {
        while (!tokens.Skip(")"))
        {
            if (parameters.Count > 0)
            {
                tokens.Expect(",", "separate two parameters");
                if (tokens.Skip(")")) return;
            }

            int line = tokens.Current.Line;
            string name = tokens.ExpectName("name a parameter");
            if (parameters.Exists(other => other.Key == name)) throw new TemplateFault($"two parameters have the name '{name}'.", line);
            bool hasDefault = tokens.Skip("=");
            if (!hasDefault && parameters.Count > 0 && parameters[^1].Value is not null)
                throw new TemplateFault($"the parameter '{name}' has no default, yet follows one that has.", line);
            parameters.Add(new(name, hasDefault ? expressions.Parse() : null));
        }
    }

    private CallStatement ParseCall(int line)
    {
        Expression? call = null;
        Macro caller = ParseMacroRest("caller", "call", "endcall", line, () => call = expressions.Parse());
        return call is CallExpression callee
            ? new CallStatement(callee, caller, line)
            : throw new TemplateFault("'call' must be followed by the call of a macro, such as box('title').", line);
    }

    private FilterBlockStatement ParseFilterBlock(int line)
    {
        Expression filter = expressions.ParseFiltersOfBlock();
        return new FilterBlockStatement(ParseBlock("filter", line, "endfilter"), filter, line);
    }

    private ScopeStatement ParseWith(int line)
    {
        var names = new List<KeyValuePair<Target, Expression>>();
        while (tokens.Current.Kind != TokenKind.BlockEnd)
        {
            if (names.Count > 0) tokens.Expect(",", "separate two names");
            Target target = new NameTarget(tokens.ExpectName("be set by 'with'"), line);
            tokens.Expect("=", "follow the name");
            names.Add(new(target, expressions.Parse()));
        }

        return new ScopeStatement(names, ParseBlock("with", line, "endwith"), line);
    }

    private ScopeStatement ParseGeneration(int line)
    {
        // The body is a function of its own in transformers: a jump cannot leave it.
        int outerLoops = loops;
        loops = 0;
        List<Statement> body = ParseBlock("generation", line, "endgeneration");
        loops = outerLoops;
        return new ScopeStatement([], body, line);
    }

    private JumpStatement ParseJump(string tag, int line)
    {
        if (loops == 0) throw new TemplateFault($"'{tag}' stands outside of a loop.", line);
        CloseTag(tag);
        return new JumpStatement(tag == "break", line);
    }

    /// <summary>A name, a member of a namespace, or several of them apart by commas.</summary>
    private Target ParseTarget(bool allowMember)
    {
        Target first = ParseSingleTarget(allowMember);
        if (!tokens.Current.Is(",")) return first;
        var items = new List<Target> { first };
        while (tokens.Skip(",") && (tokens.Current.Kind == TokenKind.Name || tokens.Current.Is("(")) && !tokens.Current.IsName("in"))
            items.Add(ParseSingleTarget(allowMember));
        return new TupleTarget(items, first.Line);
    }

    private Target ParseSingleTarget(bool allowMember)
    {
        int line = tokens.Current.Line;
        if (tokens.Skip("("))
        {
            tokens.Enter();
            Target inner = ParseTarget(allowMember);
            tokens.Leave();
            tokens.Expect(")", "close the parenthesis");
            return inner;
        }

        string name = tokens.ExpectName("be assigned to");
        if (name is "true" or "True" or "false" or "False" or "none" or "None")
            throw new TemplateFault($"'{name}' is a constant; nothing can be assigned to it.", line);
        if (!tokens.Skip(".")) return new NameTarget(name, line);
        return allowMember
            ? new MemberTarget(name, tokens.ExpectName("follow '.'"), line)
            : throw new TemplateFault("a loop's variable is a plain name.", line);
    }
}

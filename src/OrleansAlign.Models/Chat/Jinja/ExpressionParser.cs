using System.Globalization;

namespace OrleansAlign.Models.Chat.Jinja;

/// <summary>Parses expressions, by recursive descent over Jinja's levels of precedence.</summary>
internal sealed class ExpressionParser(TokenStream tokens)
{
    private static readonly Dictionary<string, int> ArgumentOfNestedName = new(StringComparer.Ordinal)
    {
        ["map"] = 0, ["select"] = 0, ["reject"] = 0, ["selectattr"] = 1, ["rejectattr"] = 1,
    };

    /// <summary>Every variable read so far, so that a macro's parser can tell which of its hidden parameters it uses.</summary>
    public HashSet<string> NamesRead { get; private set; } = new(StringComparer.Ordinal);

    /// <summary>The filters and tests named so far.</summary>
    public OperationNames Operations { get; } = new();

    /// <summary>Starts a new <see cref="NamesRead"/> and gives back the old one.</summary>
    public HashSet<string> SwapNames(HashSet<string> names)
    {
        HashSet<string> old = NamesRead;
        NamesRead = names;
        return old;
    }

    /// <summary>An expression, or several apart by commas, which make a tuple.</summary>
    public Expression ParseTuple(bool allowConditional = true)
    {
        int line = tokens.Current.Line;
        Expression first = allowConditional ? Parse() : ParseOr();
        if (!tokens.Current.Is(",")) return first;

        var items = new List<Expression> { first };
        while (tokens.Skip(",") && !EndsTuple()) items.Add(allowConditional ? Parse() : ParseOr());
        return new ListExpression(items, ListKind.Tuple, line);
    }

    /// <summary>One expression.</summary>
    public Expression Parse()
    {
        tokens.Enter();
        int line = tokens.Current.Line, faults = Operations.Faults;
        Expression then = ParseOr();
        while (tokens.SkipName("if"))
        {
            Expression condition = ParseOr();
            Expression? otherwise = tokens.SkipName("else") ? Parse() : null;
            Operations.Defer(faults);
            then = new ConditionalExpression(condition, then, otherwise, line);
        }

        tokens.Leave();
        return then;
    }

    /// <summary>The filters of a block, applied to what it rendered: <c>upper | trim</c>.</summary>
    public Expression ParseFiltersOfBlock()
    {
        Expression filtered = ParseFilter(new CapturedExpression(tokens.Current.Line));
        while (tokens.Skip("|")) filtered = ParseFilter(filtered);
        return filtered;
    }

    /// <summary>The arguments of a call whose parenthesis has been read.</summary>
    public ArgumentList ParseArguments()
    {
        var positional = new List<Expression>();
        var named = new List<KeyValuePair<string, Expression>>();
        Expression? spread = null, spreadNamed = null;
        while (!tokens.Skip(")"))
        {
            if (positional.Count + named.Count > 0 || spread is not null || spreadNamed is not null)
            {
                tokens.Expect(",", "separate two arguments");
                if (tokens.Skip(")")) break;
            }

            int line = tokens.Current.Line;
            if (tokens.Skip("*") && spread is null) spread = Parse();
            else if (tokens.Skip("**") && spreadNamed is null) spreadNamed = Parse();
            else if (tokens.Current.Kind == TokenKind.Name && tokens.Following.Is("="))
            {
                string name = tokens.Take().Text;
                tokens.Take();
                named.Add(new(name, Parse()));
            }
            else if (named.Count == 0 && spread is null && spreadNamed is null) positional.Add(Parse());
            else throw new TemplateFault("an argument without a name follows one with a name. Put it first.", line);
        }

        return new ArgumentList(positional, named, spread, spreadNamed);
    }

    private bool EndsTuple() =>
        tokens.Current.Kind is TokenKind.BlockEnd or TokenKind.OutputEnd || tokens.Current.Is(")") || tokens.Current.IsName("in");

    private Expression ParseOr()
    {
        Expression left = ParseAnd();
        for (int line = tokens.Current.Line; tokens.SkipName("or"); line = tokens.Current.Line)
            left = new LogicalExpression(IsAnd: false, left, ParseAnd(), line);
        return left;
    }

    private Expression ParseAnd()
    {
        Expression left = ParseNot();
        for (int line = tokens.Current.Line; tokens.SkipName("and"); line = tokens.Current.Line)
            left = new LogicalExpression(IsAnd: true, left, ParseNot(), line);
        return left;
    }

    private Expression ParseNot()
    {
        int line = tokens.Current.Line;
        if (!tokens.SkipName("not")) return ParseCompare();
        tokens.Enter();
        Expression operand = ParseNot();
        tokens.Leave();
        return new UnaryExpression("not", operand, line);
    }

    private Expression ParseCompare()
    {
        int line = tokens.Current.Line;
        Expression first = ParseSum();
        var rest = new List<KeyValuePair<string, Expression>>();
        while (TakeComparison() is string comparison) rest.Add(new(comparison, ParseSum()));
        return rest.Count == 0 ? first : new CompareExpression(first, rest, line);
    }

    private string? TakeComparison()
    {
        Token token = tokens.Current;
        if (token.Kind == TokenKind.Operator && token.Text is "==" or "!=" or "<" or "<=" or ">" or ">=") return tokens.Take().Text;
        if (tokens.SkipName("in")) return "in";
        if (!token.IsName("not") || !tokens.Following.IsName("in")) return null;
        tokens.Take();
        tokens.Take();
        return "not in";
    }

    private Expression ParseSum()
    {
        Expression left = ParseConcat();
        while (tokens.Current.Is("+") || tokens.Current.Is("-"))
        {
            Token op = tokens.Take();
            left = new BinaryExpression(op.Text, left, ParseConcat(), op.Line);
        }

        return left;
    }

    private Expression ParseConcat()
    {
        int line = tokens.Current.Line;
        Expression first = ParseProduct();
        if (!tokens.Current.Is("~")) return first;

        var parts = new List<Expression> { first };
        while (tokens.Skip("~")) parts.Add(ParseProduct());
        return new ConcatExpression(parts, line);
    }

    private Expression ParseProduct()
    {
        Expression left = ParsePower();
        while (tokens.Current.Kind == TokenKind.Operator && tokens.Current.Text is "*" or "/" or "//" or "%")
        {
            Token op = tokens.Take();
            left = new BinaryExpression(op.Text, left, ParsePower(), op.Line);
        }

        return left;
    }

    private Expression ParsePower()
    {
        Expression left = ParseUnary(withFilters: true);
        while (tokens.Current.Is("**"))
        {
            Token op = tokens.Take();
            left = new BinaryExpression(op.Text, left, ParseUnary(withFilters: true), op.Line);
        }

        return left;
    }

    private Expression ParseUnary(bool withFilters)
    {
        Token token = tokens.Current;
        Expression operand;
        if (token.Is("-") || token.Is("+"))
        {
            tokens.Take();
            tokens.Enter();
            operand = new UnaryExpression(token.Text, ParseUnary(withFilters: false), token.Line);
            tokens.Leave();
        }
        else
        {
            operand = ParsePrimary();
        }

        operand = ParsePostfix(operand);
        return withFilters ? ParseFilters(operand) : operand;
    }

    private Expression ParsePrimary()
    {
        Token token = tokens.Take();
        switch (token.Kind)
        {
            case TokenKind.Name:
                return ParseName(token);
            case TokenKind.Number:
                return ParseNumber(token);
            case TokenKind.String:
                string text = token.Text;
                if (tokens.Current.Kind == TokenKind.String) text = JoinStrings(text);
                return new Literal(StringValue.OfFrame(text), token.Line);
            case TokenKind.Operator when token.Text == "(":
                return ParseParentheses(token.Line);
            case TokenKind.Operator when token.Text == "[":
                return new ListExpression(ParseItems("]", Parse), ListKind.List, token.Line);
            case TokenKind.Operator when token.Text == "{":
                return new DictExpression(ParseItems("}", ParsePair), token.Line);
            default:
                throw new TemplateFault($"{token} stands where an expression must.", token.Line);
        }
    }

    private string JoinStrings(string first)
    {
        var parts = new List<string> { first };
        while (tokens.Current.Kind == TokenKind.String) parts.Add(tokens.Take().Text);
        return string.Concat(parts);
    }

    private Expression ParseName(Token token)
    {
        switch (token.Text)
        {
            case "true" or "True": return new Literal(BoolValue.True, token.Line);
            case "false" or "False": return new Literal(BoolValue.False, token.Line);
            case "none" or "None": return new Literal(NoneValue.Instance, token.Line);
            case "and" or "or" or "not" or "in" or "is" or "if" or "else":
                throw new TemplateFault($"the keyword '{token.Text}' stands where an expression must.", token.Line);
            default:
                NamesRead.Add(token.Text);
                return new NameExpression(token.Text, token.Line);
        }
    }

    private static Literal ParseNumber(Token token)
    {
        string digits = token.Text.Replace("_", "", StringComparison.Ordinal);
        bool isReal = digits.Contains('.', StringComparison.Ordinal)
            || (!digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase) && digits.Contains('e', StringComparison.OrdinalIgnoreCase));
        if (isReal) return new Literal(new FloatValue(double.Parse(digits, CultureInfo.InvariantCulture)), token.Line);
        return Numbers.ParseWhole(digits, digits.Length > 1 && char.IsLetter(digits[1]) ? 0 : 10) is { } whole
            ? new Literal(IntValue.Checked(whole), token.Line)
            : throw new TemplateFault($"{token} is not a number.", token.Line);
    }

    private Expression ParseParentheses(int line)
    {
        if (tokens.Skip(")")) return new ListExpression([], ListKind.Tuple, line);
        Expression inner = ParseTuple();
        tokens.Expect(")", $"close the parenthesis of line {line}");
        return inner;
    }

    private List<T> ParseItems<T>(string closer, Func<T> parseItem)
    {
        var items = new List<T>();
        while (!tokens.Skip(closer))
        {
            if (items.Count > 0)
            {
                tokens.Expect(",", "separate two items");
                if (tokens.Skip(closer)) break;
            }

            items.Add(parseItem());
        }

        return items;
    }

    private KeyValuePair<Expression, Expression> ParsePair()
    {
        Expression key = Parse();
        tokens.Expect(":", "stand between a key and its value");
        return new(key, Parse());
    }

    private Expression ParsePostfix(Expression owner)
    {
        while (true)
        {
            int line = tokens.Current.Line;
            if (tokens.Skip(".")) owner = ParseAttribute(owner, line);
            else if (tokens.Skip("[")) owner = ParseSubscript(owner, line);
            else if (tokens.Skip("(")) owner = new CallExpression(owner, ParseArguments(), line);
            else return owner;
        }
    }

    private Expression ParseAttribute(Expression owner, int line)
    {
        Token token = tokens.Take();
        return token.Kind switch
        {
            TokenKind.Name => new AttributeExpression(owner, token.Text, line),
            TokenKind.Number when token.Text.All(char.IsAsciiDigit) => new ItemExpression(owner, ParseNumber(token), line),
            _ => throw new TemplateFault($"{token} stands where a name must follow '.'.", line),
        };
    }

    private Expression ParseSubscript(Expression owner, int line)
    {
        Expression? start = tokens.Current.Is(":") ? null : Parse();
        if (!tokens.Skip(":"))
        {
            if (tokens.Current.Is(",")) throw new TemplateFault("a subscript has one index; this one has a comma.", line);
            tokens.Expect("]", "close the subscript");
            return new ItemExpression(owner, start!, line);
        }

        Expression? stop = tokens.Current.Is(":") || tokens.Current.Is("]") ? null : Parse();
        Expression? step = tokens.Skip(":") && !tokens.Current.Is("]") ? Parse() : null;
        tokens.Expect("]", "close the slice");
        return new SliceExpression(owner, start, stop, step, line);
    }

    private Expression ParseFilters(Expression subject)
    {
        while (true)
        {
            int line = tokens.Current.Line;
            if (tokens.Skip("|")) subject = ParseFilter(subject);
            else if (tokens.SkipName("is")) subject = ParseTest(subject, line);
            else if (tokens.Skip("(")) subject = new CallExpression(subject, ParseArguments(), line);
            else return subject;
        }
    }

    private FilterExpression ParseFilter(Expression subject)
    {
        int line = tokens.Current.Line;
        string name = DottedName("follow '|'");
        Operation filter = Operations.Find(Filters.Table, name, line);
        ArgumentList arguments = tokens.Skip("(") ? ParseArguments() : ArgumentList.Empty;
        CheckNestedName(name, arguments, line);
        return new FilterExpression(subject, filter, arguments, line);
    }

    /// <summary><c>map('x')</c> and <c>select('x')</c> name a filter or test in a text: unknown ones are found now as well.</summary>
    private void CheckNestedName(string filter, ArgumentList arguments, int line)
    {
        if (!ArgumentOfNestedName.TryGetValue(filter, out int place) || arguments.Positional.Count <= place) return;
        if (arguments.Positional[place] is not Literal { Value: StringValue name }) return;
        Operations.Find(filter == "map" ? Filters.Table : Tests.Table, name.Text, line);
    }

    private TestExpression ParseTest(Expression subject, int line)
    {
        bool negated = tokens.SkipName("not");
        Operation test = Operations.Find(Tests.Table, DottedName("follow 'is'"), line);
        ArgumentList arguments = tokens.Skip("(") ? ParseArguments()
            : StartsTestArgument() ? new ArgumentList([ParsePostfix(ParsePrimary())], [])
            : ArgumentList.Empty;
        return new TestExpression(subject, test, arguments, negated, line);
    }

    private bool StartsTestArgument()
    {
        Token token = tokens.Current;
        if (token.IsName("is")) throw new TemplateFault("two tests follow each other. Join them with 'and'.", token.Line);
        return token.Kind is TokenKind.String or TokenKind.Number
            || token.Is("[") || token.Is("{")
            || (token.Kind == TokenKind.Name && token.Text is not ("else" or "or" or "and" or "if" or "in" or "not"));
    }

    private string DottedName(string why)
    {
        string name = tokens.ExpectName(why);
        while (tokens.Skip(".")) name += "." + tokens.ExpectName("follow '.'");
        return name;
    }
}

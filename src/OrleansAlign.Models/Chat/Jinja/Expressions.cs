namespace OrleansAlign.Models.Chat.Jinja;

/// <summary>An expression as parsed.</summary>
/// <param name="Line">Line of the template, for errors.</param>
internal abstract record Expression(int Line);

/// <summary>A constant.</summary>
internal sealed record Literal(Value Value, int Line) : Expression(Line);

/// <summary>A variable.</summary>
internal sealed record NameExpression(string Name, int Line) : Expression(Line);

/// <summary><c>[a, b]</c> or <c>(a, b)</c>.</summary>
internal sealed record ListExpression(List<Expression> Items, ListKind Kind, int Line) : Expression(Line);

/// <summary><c>{key: value}</c>.</summary>
internal sealed record DictExpression(List<KeyValuePair<Expression, Expression>> Items, int Line) : Expression(Line);

/// <summary><c>owner.name</c>.</summary>
internal sealed record AttributeExpression(Expression Owner, string Name, int Line) : Expression(Line);

/// <summary><c>owner[index]</c>.</summary>
internal sealed record ItemExpression(Expression Owner, Expression Index, int Line) : Expression(Line);

/// <summary><c>owner[start:stop:step]</c>.</summary>
internal sealed record SliceExpression(Expression Owner, Expression? Start, Expression? Stop, Expression? Step, int Line) : Expression(Line);

/// <summary><c>callee(…)</c>.</summary>
internal sealed record CallExpression(Expression Callee, ArgumentList Arguments, int Line) : Expression(Line);

/// <summary><c>subject | filter(…)</c>.</summary>
internal sealed record FilterExpression(Expression Subject, Operation Filter, ArgumentList Arguments, int Line) : Expression(Line);

/// <summary><c>subject is [not] test(…)</c>.</summary>
internal sealed record TestExpression(Expression Subject, Operation Test, ArgumentList Arguments, bool Negated, int Line) : Expression(Line);

/// <summary><c>not x</c>, <c>-x</c>, <c>+x</c>.</summary>
internal sealed record UnaryExpression(string Operator, Expression Operand, int Line) : Expression(Line);

/// <summary>Arithmetic.</summary>
internal sealed record BinaryExpression(string Operator, Expression Left, Expression Right, int Line) : Expression(Line);

/// <summary><c>and</c>, <c>or</c>: the value of the side that decides.</summary>
internal sealed record LogicalExpression(bool IsAnd, Expression Left, Expression Right, int Line) : Expression(Line);

/// <summary><c>a ~ b ~ c</c>: everything as text.</summary>
internal sealed record ConcatExpression(List<Expression> Parts, int Line) : Expression(Line);

/// <summary><c>a &lt; b &lt;= c</c>: true when each neighbouring pair is.</summary>
internal sealed record CompareExpression(Expression First, List<KeyValuePair<string, Expression>> Rest, int Line) : Expression(Line);

/// <summary><c>then if condition [else otherwise]</c>.</summary>
internal sealed record ConditionalExpression(Expression Condition, Expression Then, Expression? Otherwise, int Line) : Expression(Line);

/// <summary>What stands between the parentheses of a call.</summary>
/// <param name="Positional">Arguments by place.</param>
/// <param name="Named">Arguments by name.</param>
/// <param name="Spread"><c>*list</c>.</param>
/// <param name="SpreadNamed"><c>**dictionary</c>.</param>
internal sealed record ArgumentList(
    List<Expression> Positional, List<KeyValuePair<string, Expression>> Named, Expression? Spread = null, Expression? SpreadNamed = null)
{
    public static ArgumentList Empty { get; } = new([], []);
}

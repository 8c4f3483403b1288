namespace OrleansAlign.Models.Chat.Jinja;

/// <summary>A statement as parsed.</summary>
/// <param name="Line">Line of the template, for errors.</param>
internal abstract record Statement(int Line);

/// <summary>Text outside of tags.</summary>
internal sealed record TextStatement(string Text, int Line) : Statement(Line);

/// <summary><c>{{ … }}</c>.</summary>
internal sealed record OutputStatement(Expression Expression, int Line) : Statement(Line);

/// <summary><c>if</c>, its <c>elif</c>s and its <c>else</c>.</summary>
internal sealed record IfStatement(List<KeyValuePair<Expression, List<Statement>>> Branches, List<Statement> Otherwise, int Line) : Statement(Line);

/// <summary><c>for target in items if condition … else …</c>.</summary>
internal sealed record ForStatement(
    Target Target, Expression Items, Expression? Condition, List<Statement> Body, List<Statement> Otherwise, int Line) : Statement(Line);

/// <summary><c>set target = value</c>.</summary>
internal sealed record SetStatement(Target Target, Expression Value, int Line) : Statement(Line);

/// <summary><c>set target | filters</c> … <c>endset</c>.</summary>
/// <param name="Target">What is set.</param>
/// <param name="Body">What is rendered.</param>
/// <param name="Filter">The filters around <see cref="CapturedExpression"/>; null for none.</param>
/// <param name="Line">Line of the template.</param>
internal sealed record SetBlockStatement(Target Target, List<Statement> Body, Expression? Filter, int Line) : Statement(Line);

/// <summary><c>filter filters</c> … <c>endfilter</c>.</summary>
internal sealed record FilterBlockStatement(List<Statement> Body, Expression Filter, int Line) : Statement(Line);

/// <summary>Stands for the rendered body in the filters of a block.</summary>
internal sealed record CapturedExpression(int Line) : Expression(Line);

/// <summary><c>macro name(…)</c>.</summary>
internal sealed record MacroStatement(Macro Macro, int Line) : Statement(Line);

/// <summary><c>call(…) macro(…)</c> … <c>endcall</c>: calls with the body as <c>caller</c>.</summary>
internal sealed record CallStatement(CallExpression Call, Macro Caller, int Line) : Statement(Line);

/// <summary><c>with a = b</c>, and <c>generation</c>, which has no names: a body in a scope of its own.</summary>
internal sealed record ScopeStatement(List<KeyValuePair<Target, Expression>> Names, List<Statement> Body, int Line) : Statement(Line);

/// <summary><c>break</c> or <c>continue</c>.</summary>
internal sealed record JumpStatement(bool IsBreak, int Line) : Statement(Line);

/// <summary>A macro's parameters and body.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Parameters">Names and defaults; null for none.</param>
/// <param name="Body">What it renders.</param>
/// <param name="UsesRest">Whether it reads <c>varargs</c>.</param>
/// <param name="UsesNamedRest">Whether it reads <c>kwargs</c>.</param>
/// <param name="UsesCaller">Whether it reads <c>caller</c>.</param>
internal sealed record Macro(
    string Name, List<KeyValuePair<string, Expression?>> Parameters, List<Statement> Body, bool UsesRest, bool UsesNamedRest, bool UsesCaller);

/// <summary>What an assignment assigns to.</summary>
internal abstract record Target(int Line);

/// <summary>A variable.</summary>
internal sealed record NameTarget(string Name, int Line) : Target(Line);

/// <summary>A member of a namespace.</summary>
internal sealed record MemberTarget(string Namespace, string Member, int Line) : Target(Line);

/// <summary>Several at once.</summary>
internal sealed record TupleTarget(List<Target> Items, int Line) : Target(Line);

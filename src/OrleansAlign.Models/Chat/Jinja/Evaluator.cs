using OrleansAlign.Models.Text;

namespace OrleansAlign.Models.Chat.Jinja;

/// <summary>Evaluates expressions.</summary>
internal sealed class Evaluator(Runtime runtime)
{
    /// <summary>Line of the expression evaluated last, for errors.</summary>
    public int Line { get; set; }

    /// <summary>The rendered text of a block while its filters are applied.</summary>
    public Value Captured { get; set; } = StringValue.Empty;

    private Budget Budget => runtime.Budget;

    public Value Evaluate(Expression expression, Scope scope)
    {
        Budget.Enter();
        Line = expression.Line;
        Value value = expression switch
        {
            Literal literal => literal.Value,
            NameExpression name => scope.Find(name.Name) ?? UndefinedValue.OfName(name.Name),
            AttributeExpression attribute => EvaluateAttribute(attribute, scope),
            ItemExpression item => EvaluateItem(item, scope),
            FilterExpression filter => EvaluateFilter(filter, scope),
            TestExpression test => EvaluateTest(test, scope),
            BinaryExpression binary => EvaluateBinary(binary, scope),
            CompareExpression compare => EvaluateCompare(compare, scope),
            LogicalExpression logical => EvaluateLogical(logical, scope),
            CallExpression call => EvaluateCall(call, scope),
            _ => EvaluateRarer(expression, scope),
        };
        Budget.Leave();
        return value;
    }

    /// <summary>Calls what <paramref name="call"/> names with its arguments and <paramref name="further"/>.</summary>
    public Value Call(CallExpression call, Scope scope, params ReadOnlySpan<NamedArgument> further)
    {
        Value callee = Evaluate(call.Callee, scope);
        Arguments arguments = EvaluateArguments(call.Arguments, scope);
        foreach (NamedArgument named in further) arguments.Named.Add(named);
        Line = call.Line;
        return callee switch
        {
            CallableValue callable => callable.Call(arguments),
            UndefinedValue undefined => throw new TemplateFault($"{undefined.What}, and cannot be called."),
            _ => throw new TemplateFault($"a value of type {callee.TypeName} cannot be called."),
        };
    }

    private Value EvaluateRarer(Expression expression, Scope scope) => expression switch
    {
        ConditionalExpression conditional => EvaluateConditional(conditional, scope),
        ConcatExpression concat => EvaluateConcat(concat, scope),
        UnaryExpression unary => EvaluateUnary(unary, scope),
        SliceExpression slice => EvaluateSlice(slice, scope),
        ListExpression list => EvaluateList(list, scope),
        DictExpression dictionary => EvaluateDictionary(dictionary, scope),
        CapturedExpression => Captured,
        _ => throw new InvalidOperationException($"No rule evaluates a {expression.GetType().Name}."),
    };

    private Value EvaluateAttribute(AttributeExpression attribute, Scope scope)
    {
        Value owner = Evaluate(attribute.Owner, scope);
        Line = attribute.Line;
        return Members.Attribute(owner, attribute.Name, runtime);
    }

    private Value EvaluateItem(ItemExpression item, Scope scope)
    {
        Value owner = Evaluate(item.Owner, scope);
        Value index = Evaluate(item.Index, scope);
        Line = item.Line;
        return Members.Item(owner, index, runtime);
    }

    private Value EvaluateSlice(SliceExpression slice, Scope scope)
    {
        Value owner = Evaluate(slice.Owner, scope);
        Value? start = slice.Start is null ? null : Evaluate(slice.Start, scope);
        Value? stop = slice.Stop is null ? null : Evaluate(slice.Stop, scope);
        Value? step = slice.Step is null ? null : Evaluate(slice.Step, scope);
        Line = slice.Line;
        return Members.Slice(owner, start, stop, step, runtime);
    }

    private Value EvaluateFilter(FilterExpression filter, Scope scope)
    {
        Value subject = Evaluate(filter.Subject, scope);
        Arguments arguments = EvaluateArguments(filter.Arguments, scope);
        Line = filter.Line;
        return filter.Filter.Apply(runtime, subject, arguments);
    }

    private BoolValue EvaluateTest(TestExpression test, Scope scope)
    {
        Value subject = Evaluate(test.Subject, scope);
        Arguments arguments = EvaluateArguments(test.Arguments, scope);
        Line = test.Line;
        return BoolValue.Of(test.Test.Apply(runtime, subject, arguments).IsTrue != test.Negated);
    }

    private Value EvaluateBinary(BinaryExpression binary, Scope scope)
    {
        Value left = Evaluate(binary.Left, scope);
        Value right = Evaluate(binary.Right, scope);
        Line = binary.Line;
        return Arithmetic.Apply(binary.Operator, left, right, Budget);
    }

    private BoolValue EvaluateCompare(CompareExpression compare, Scope scope)
    {
        Value left = Evaluate(compare.First, scope);
        foreach ((string comparison, Expression operand) in compare.Rest)
        {
            Value right = Evaluate(operand, scope);
            Line = compare.Line;
            if (!Holds(comparison, left, right)) return BoolValue.False;
            left = right;
        }

        return BoolValue.True;
    }

    private bool Holds(string comparison, Value left, Value right) => comparison switch
    {
        "==" => Ordering.AreEqual(left, right, Budget),
        "!=" => !Ordering.AreEqual(left, right, Budget),
        "in" => Ordering.Contains(right, left, Budget),
        "not in" => !Ordering.Contains(right, left, Budget),
        "<" => Ordering.Compare(left, right, "<", Budget) < 0,
        "<=" => Ordering.Compare(left, right, "<=", Budget) <= 0,
        ">" => Ordering.Compare(left, right, ">", Budget) > 0,
        _ => Ordering.Compare(left, right, ">=", Budget) >= 0,
    };

    private Value EvaluateLogical(LogicalExpression logical, Scope scope)
    {
        Value left = Evaluate(logical.Left, scope);
        return left.IsTrue == logical.IsAnd ? Evaluate(logical.Right, scope) : left;
    }

    private Value EvaluateConditional(ConditionalExpression conditional, Scope scope)
    {
        if (Evaluate(conditional.Condition, scope).IsTrue) return Evaluate(conditional.Then, scope);
        return conditional.Otherwise is null
            ? new UndefinedValue("the value of an 'if' without 'else' whose condition is false is undefined")
            : Evaluate(conditional.Otherwise, scope);
    }

    private StringValue EvaluateConcat(ConcatExpression concat, Scope scope)
    {
        var builder = new MarkedText.Builder();
        foreach (Expression part in concat.Parts)
        {
            MarkedText piece = Printing.Text(Evaluate(part, scope), Budget);
            Budget.Make(piece.Text.Length);
            Budget.CheckLength((long)builder.Length + piece.Text.Length);
            builder.Append(piece);
        }

        return new StringValue(builder.Build());
    }

    private Value EvaluateUnary(UnaryExpression unary, Scope scope)
    {
        Value operand = Evaluate(unary.Operand, scope);
        Line = unary.Line;
        return unary.Operator == "not" ? BoolValue.Of(!operand.IsTrue) : Arithmetic.Sign(unary.Operator, operand);
    }

    private ListValue EvaluateList(ListExpression list, Scope scope)
    {
        var items = new List<Value>(list.Items.Count);
        foreach (Expression item in list.Items) items.Add(Evaluate(item, scope));
        return new ListValue(items, list.Kind);
    }

    private DictValue EvaluateDictionary(DictExpression dictionary, Scope scope)
    {
        var items = new DictValue();
        foreach ((Expression key, Expression value) in dictionary.Items) items.Set(Evaluate(key, scope), Evaluate(value, scope));
        return items;
    }

    private Value EvaluateCall(CallExpression call, Scope scope) => Call(call, scope);

    private Arguments EvaluateArguments(ArgumentList list, Scope scope)
    {
        var positional = new List<Value>(list.Positional.Count);
        var named = new List<NamedArgument>(list.Named.Count);
        foreach (Expression argument in list.Positional) positional.Add(Evaluate(argument, scope));
        foreach ((string name, Expression argument) in list.Named) named.Add(new(StringValue.OfFrame(name), Evaluate(argument, scope)));
        if (list.Spread is not null) positional.AddRange(Iteration.Items(Evaluate(list.Spread, scope), Budget));
        if (list.SpreadNamed is not null) AddNamed(Evaluate(list.SpreadNamed, scope), named);
        return new Arguments(positional, named);
    }

    private void AddNamed(Value spread, List<NamedArgument> named)
    {
        if (spread is not DictValue dictionary) throw new TemplateFault($"'**' needs a dictionary, not a value of type {spread.TypeName}.");
        Budget.Spend(dictionary.Items.Count);
        foreach ((Value key, Value item) in dictionary.Items)
            named.Add(new(key as StringValue ?? throw new TemplateFault("'**' needs a dictionary whose keys are texts."), item));
    }
}

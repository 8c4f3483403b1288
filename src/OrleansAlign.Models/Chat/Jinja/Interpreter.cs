using OrleansAlign.Models.Text;

namespace OrleansAlign.Models.Chat.Jinja;

/// <summary>Executes statements.</summary>
internal sealed class Interpreter(Runtime runtime, Evaluator evaluator)
{
    /// <summary>How a block ended.</summary>
    private enum Flow
    {
        Onward,
        Break,
        Continue,
    }

    private Budget Budget => runtime.Budget;

    public MarkedText Run(List<Statement> statements, Scope scope)
    {
        var output = new MarkedText.Builder();
        ExecuteAll(statements, scope, output);
        return output.Build();
    }

    private Flow ExecuteAll(List<Statement> statements, Scope scope, MarkedText.Builder output)
    {
        Budget.Enter();
        foreach (Statement statement in statements)
        {
            Budget.Step();
            evaluator.Line = statement.Line;
            Flow flow = Execute(statement, scope, output);
            if (flow == Flow.Onward) continue;
            Budget.Leave();
            return flow;
        }

        Budget.Leave();
        return Flow.Onward;
    }

    private Flow Execute(Statement statement, Scope scope, MarkedText.Builder output)
    {
        switch (statement)
        {
            case TextStatement text:
                Write(output, MarkedText.OfFrame(text.Text));
                return Flow.Onward;
            case OutputStatement written:
                Write(output, Printing.Text(evaluator.Evaluate(written.Expression, scope), Budget));
                return Flow.Onward;
            case IfStatement branches:
                return ExecuteIf(branches, scope, output);
            case ForStatement loop:
                return ExecuteFor(loop, scope, output);
            case JumpStatement jump:
                return jump.IsBreak ? Flow.Break : Flow.Continue;
            case ScopeStatement block:
                return ExecuteScope(block, scope, output);
            default:
                ExecuteDefinition(statement, scope, output);
                return Flow.Onward;
        }
    }

    /// <summary>Executes a statement that defines a name or captures a block; it never jumps.</summary>
    private void ExecuteDefinition(Statement statement, Scope scope, MarkedText.Builder output)
    {
        switch (statement)
        {
            case SetStatement assignment:
                Assign(assignment.Target, evaluator.Evaluate(assignment.Value, scope), scope);
                break;
            case SetBlockStatement block:
                Assign(block.Target, Capture(block.Body, block.Filter, scope), scope);
                break;
            case FilterBlockStatement block:
                Write(output, Printing.Text(Capture(block.Body, block.Filter, scope), Budget));
                break;
            case MacroStatement definition:
                scope.Set(definition.Macro.Name, Close(definition.Macro, scope));
                break;
            case CallStatement call:
                Value result = evaluator.Call(call.Call, scope, new NamedArgument(StringValue.OfFrame("caller"), Close(call.Caller, scope)));
                Write(output, Printing.Text(result, Budget));
                break;
            default:
                throw new InvalidOperationException($"No rule executes a {statement.GetType().Name}.");
        }
    }

    private void Write(MarkedText.Builder output, MarkedText text)
    {
        Budget.Make(text.Text.Length);
        Budget.CheckLength((long)output.Length + text.Text.Length);
        output.Append(text);
    }

    private Flow ExecuteIf(IfStatement branches, Scope scope, MarkedText.Builder output)
    {
        foreach ((Expression condition, List<Statement> body) in branches.Branches)
            if (evaluator.Evaluate(condition, scope).IsTrue) return ExecuteAll(body, scope, output);
        return ExecuteAll(branches.Otherwise, scope, output);
    }

    private Flow ExecuteFor(ForStatement loop, Scope scope, MarkedText.Builder output)
    {
        List<Value> items = Iteration.Items(evaluator.Evaluate(loop.Items, scope), Budget);
        if (loop.Condition is not null) items = Filter(loop, items, scope);
        if (items.Count == 0) return ExecuteAll(loop.Otherwise, new Scope(scope), output);

        int depth = scope.Find("loop") is LoopValue around ? around.Depth + 1 : 0;
        var state = new LoopValue(items, depth, Budget);
        for (; state.Index < items.Count; state.Index++)
        {
            var inner = new Scope(scope);
            inner.Set("loop", state);
            Assign(loop.Target, items[state.Index], inner);
            if (ExecuteAll(loop.Body, inner, output) == Flow.Break) break;
        }

        return Flow.Onward;
    }

    private List<Value> Filter(ForStatement loop, List<Value> items, Scope scope)
    {
        var kept = new List<Value>();
        foreach (Value item in items)
        {
            var inner = new Scope(scope);
            Assign(loop.Target, item, inner);
            if (evaluator.Evaluate(loop.Condition!, inner).IsTrue) kept.Add(item);
        }

        return kept;
    }

    private Flow ExecuteScope(ScopeStatement block, Scope scope, MarkedText.Builder output)
    {
        var inner = new Scope(scope);
        foreach ((Target target, Expression value) in block.Names) Assign(target, evaluator.Evaluate(value, scope), inner);
        return ExecuteAll(block.Body, inner, output);
    }

    private Value Capture(List<Statement> body, Expression? filter, Scope scope)
    {
        var captured = new MarkedText.Builder();
        ExecuteAll(body, new Scope(scope), captured);
        Value value = new StringValue(captured.Build());
        if (filter is null) return value;

        // A filter's argument may capture in turn, in a macro it calls.
        Value outer = evaluator.Captured;
        evaluator.Captured = value;
        Value filtered = evaluator.Evaluate(filter, scope);
        evaluator.Captured = outer;
        return filtered;
    }

    private void Assign(Target target, Value value, Scope scope)
    {
        evaluator.Line = target.Line;
        switch (target)
        {
            case NameTarget name:
                scope.Set(name.Name, value);
                break;
            case MemberTarget member:
                if (scope.Find(member.Namespace) is not NamespaceValue owner)
                {
                    throw new TemplateFault(
                        $"'{member.Namespace}' is not a namespace, so '{member.Namespace}.{member.Member}' cannot be set. Use namespace().");
                }

                owner.Set(member.Member, value);
                break;
            case TupleTarget tuple:
                List<Value> items = Iteration.Items(value, Budget);
                if (items.Count != tuple.Items.Count)
                    throw new TemplateFault($"{items.Count} items are unpacked into {tuple.Items.Count} names; their numbers must agree.");
                for (int i = 0; i < items.Count; i++) Assign(tuple.Items[i], items[i], scope);
                break;
        }
    }

    /// <summary>The macro as a function that sees the scope it was defined in.</summary>
    private CallableValue Close(Macro macro, Scope definedIn)
    {
        var signature = new Signature(macro.Parameters.Select(parameter => parameter.Key), macro.UsesRest, macro.UsesNamedRest);
        return new CallableValue(macro.Name, arguments => Invoke(macro, signature, arguments, definedIn));
    }

    private StringValue Invoke(Macro macro, Signature signature, Arguments arguments, Scope definedIn)
    {
        // The caller is given by its name alone: no argument by place becomes it.
        Value? caller = macro.UsesCaller ? arguments.TakeNamed("caller") : null;
        Bound bound = signature.Bind($"the macro '{macro.Name}'", arguments);
        var scope = new Scope(definedIn);
        int line = evaluator.Line;
        for (int i = 0; i < macro.Parameters.Count; i++)
        {
            (string name, Expression? otherwise) = macro.Parameters[i];
            Value value = bound[i]
                ?? (otherwise is null ? new UndefinedValue($"the parameter '{name}' was not given") : evaluator.Evaluate(otherwise, scope));
            scope.Set(name, value);
        }

        if (macro.UsesCaller)
            scope.Set("caller", caller ?? new UndefinedValue($"the macro '{macro.Name}' was not called by 'call', so its 'caller' is undefined"));
        if (macro.UsesRest) scope.Set("varargs", new ListValue(bound.Rest, ListKind.Tuple));
        if (macro.UsesNamedRest) scope.Set("kwargs", NamedRest(bound));

        var output = new MarkedText.Builder();
        ExecuteAll(macro.Body, scope, output);
        evaluator.Line = line;
        return new StringValue(output.Build());
    }

    private static DictValue NamedRest(Bound bound)
    {
        var rest = new DictValue();
        foreach ((StringValue name, Value value) in bound.NamedRest) rest.Set(name, value);
        return rest;
    }
}

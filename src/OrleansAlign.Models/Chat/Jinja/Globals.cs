using System.Numerics;
using OrleansAlign.Models.Text;

namespace OrleansAlign.Models.Chat.Jinja;

/// <summary>The functions that every template can call.</summary>
internal static class Globals
{
    private static readonly Dictionary<string, (Signature Signature, Func<Runtime, Bound, Value> Body)> Functions = new(StringComparer.Ordinal)
    {
        ["raise_exception"] = (new Signature("message"), Raise),
        ["strftime_now"] = (new Signature("format"), Now),
        ["namespace"] = (new Signature("initial? **"), MakeNamespace),
        ["dict"] = (new Signature("initial? **"), MakeDictionary),
        ["range"] = (new Signature("start stop? step?"), MakeRange),
    };

    /// <summary>A scope with every function.</summary>
    public static Scope Scope(Runtime runtime)
    {
        var scope = new Scope(parent: null);
        foreach ((string name, (Signature signature, Func<Runtime, Bound, Value> body)) in Functions)
            scope.Set(name, new CallableValue(name, arguments => body(runtime, signature.Bind($"the function '{name}'", arguments))));
        return scope;
    }

    private static Value Raise(Runtime runtime, Bound arguments)
    {
        string words = Printing.Text(arguments[0]!, runtime.Budget).Text;
        throw new TemplateFault($"the template refuses this conversation: {words}", raised: words);
    }

    private static StringValue Now(Runtime runtime, Bound arguments)
    {
        MarkedText format = arguments.Marked(0);
        runtime.Budget.Make(16L * format.Text.Length);
        string now = Strftime.Format(runtime.Time.GetLocalNow(), format.Text);
        return new StringValue(format.Content.Count > 0 ? MarkedText.OfContent(now) : MarkedText.OfFrame(now));
    }

    private static NamespaceValue MakeNamespace(Runtime runtime, Bound arguments)
    {
        var made = new NamespaceValue();
        foreach ((Value key, Value item) in MakeDictionary(runtime, arguments).Items)
            made.Set(key is StringValue name ? name.Text : throw new TemplateFault("a namespace's members have texts for names."), item);
        return made;
    }

    private static DictValue MakeDictionary(Runtime runtime, Bound arguments)
    {
        var made = new DictValue();
        if (arguments[0] is DictValue initial)
        {
            runtime.Budget.Spend(initial.Items.Count);
            foreach ((Value key, Value item) in initial.Items) made.Set(key, item);
        }
        else if (arguments[0] is { } pairs)
        {
            foreach (Value pair in Iteration.Items(pairs, runtime.Budget))
            {
                if (Iteration.Items(pair, runtime.Budget) is not [var key, var item])
                    throw new TemplateFault("a dictionary is made of a dictionary or of pairs.");
                made.Set(key, item);
            }
        }

        foreach ((StringValue name, Value item) in arguments.NamedRest) made.Set(name, item);
        return made;
    }

    private static RangeValue MakeRange(Runtime runtime, Bound arguments)
    {
        bool hasStop = arguments[1] is not null;
        BigInteger start = hasStop ? arguments.Whole(0) : 0, stop = arguments.Whole(hasStop ? 1 : 0);
        BigInteger step = arguments[2] is null ? 1 : arguments.Whole(2);
        if (step.IsZero) throw new TemplateFault("the step of a range is zero; it must not be.");
        BigInteger distance = step.Sign > 0 ? stop - start : start - stop;
        BigInteger count = distance.Sign <= 0 ? 0 : ((distance - 1) / BigInteger.Abs(step)) + 1;
        if (count > RangeValue.MaxCount) throw new TemplateFault($"a range has {count} items; at most {RangeValue.MaxCount} are allowed.");
        if (BigInteger.Abs(start) > long.MaxValue / 4 || BigInteger.Abs(step) > long.MaxValue / 4)
            throw new TemplateFault("a range's numbers are too large.");
        string printed = step.IsOne ? $"range({start}, {stop})" : $"range({start}, {stop}, {step})";
        return new RangeValue((long)start, (long)step, (int)count, printed);
    }
}

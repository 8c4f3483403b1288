using System.Numerics;
using OrleansAlign.Models.Text;

namespace OrleansAlign.Models.Chat.Jinja;

/// <summary>A value of the template language; the closed set of types below.</summary>
internal abstract class Value
{
    /// <summary>Python's name of the type, for messages.</summary>
    public abstract string TypeName { get; }

    /// <summary>Python's truth: empty, zero, none and undefined are false.</summary>
    public virtual bool IsTrue => true;
}

/// <summary>A name, attribute or item that is not there: prints as nothing, is empty when iterated, fails at all else.</summary>
internal sealed class UndefinedValue(Func<string> what) : Value
{
    public UndefinedValue(string what)
        : this(() => what)
    {
    }

    /// <summary>What is missing, as a clause: <c>'x' is undefined</c>.</summary>
    public string What => what();

    public override string TypeName => "Undefined";

    public override bool IsTrue => false;

    public static UndefinedValue OfName(string name) => new($"'{name}' is undefined");

    public static UndefinedValue OfMember(Value owner, string member) => new(() =>
    {
        string named = owner is NoneValue ? "none" : $"a value of type {owner.TypeName}";
        return $"{named} has no attribute or item '{member}'{Methods.Of(owner)?.Suggest(member)}";
    });

    public TemplateFault Fault() => new($"{What}. Test it with 'is defined', or pass it.");
}

internal sealed class NoneValue : Value
{
    public static readonly NoneValue Instance = new();

    public override string TypeName => "NoneType";

    public override bool IsTrue => false;
}

internal sealed class BoolValue : Value
{
    public static readonly BoolValue True = new(true);
    public static readonly BoolValue False = new(false);

    private BoolValue(bool value) => IsTrue = value;

    public override string TypeName => "bool";

    public override bool IsTrue { get; }

    public static BoolValue Of(bool value) => value ? True : False;
}

/// <summary>A whole number of any size up to <see cref="MaxBits"/>.</summary>
internal sealed class IntValue(BigInteger number) : Value
{
    public const int MaxBits = 4096;

    public BigInteger Number { get; } = number;

    public override string TypeName => "int";

    public override bool IsTrue => !Number.IsZero;

    /// <summary>The number, or a fault when it has more than <see cref="MaxBits"/> bits.</summary>
    public static IntValue Checked(BigInteger number) =>
        number.GetBitLength() <= MaxBits ? new IntValue(number) : throw new TemplateFault($"a whole number has more than {MaxBits} bits.");
}

internal sealed class FloatValue(double number) : Value
{
    public double Number { get; } = number;

    public override string TypeName => "float";

    public override bool IsTrue => Number != 0;
}

/// <summary>A text, each character marked as the template's own or as coming from outside.</summary>
internal sealed class StringValue(MarkedText marked) : Value
{
    public static readonly StringValue Empty = OfFrame("");

    public MarkedText Marked { get; } = marked;

    public string Text => Marked.Text;

    public override string TypeName => "str";

    public override bool IsTrue => Text.Length > 0;

    public static StringValue OfFrame(string text) => new(MarkedText.OfFrame(text));
}

/// <summary>How a row of values prints and compares.</summary>
internal enum ListKind
{
    List,
    Tuple,
    Keys,
    Values,
    Items,
}

/// <summary>A row of values: a list, a tuple, or what a dictionary's <c>keys()</c>, <c>values()</c> and <c>items()</c> give.</summary>
internal sealed class ListValue(List<Value> items, ListKind kind = ListKind.List) : Value
{
    public List<Value> Items { get; } = items;

    public ListKind Kind { get; } = kind;

    public override string TypeName => Kind switch
    {
        ListKind.List => "list",
        ListKind.Tuple => "tuple",
        ListKind.Keys => "dict_keys",
        ListKind.Values => "dict_values",
        _ => "dict_items",
    };

    public override bool IsTrue => Items.Count > 0;
}

/// <summary>A dictionary in order of insertion; keys are texts, numbers, truth values or none.</summary>
internal sealed class DictValue : Value
{
    public OrderedDictionary<Value, Value> Items { get; } = new(KeyComparer.Instance);

    public override string TypeName => "dict";

    public override bool IsTrue => Items.Count > 0;

    public Value? Find(string key) => Items.TryGetValue(StringValue.OfFrame(key), out Value? found) ? found : null;

    /// <summary>Adds or replaces; faults on a key that Python, or this interpreter, cannot look up.</summary>
    public void Set(Value key, Value item) => Items[Hashable(key)] = item;

    public static Value Hashable(Value key) => key is StringValue or IntValue or FloatValue or BoolValue or NoneValue
        ? key
        : throw new TemplateFault($"a value of type {key.TypeName} cannot be a dictionary's key; use a text or a number.");
}

/// <summary><c>range(…)</c>, never longer than <see cref="MaxCount"/>, the bound that transformers' sandbox sets too.</summary>
internal sealed class RangeValue(long start, long step, int count, string printed) : Value
{
    public const int MaxCount = 100_000;

    public long Start { get; } = start;

    public long Step { get; } = step;

    public int Count { get; } = count;

    public string Printed { get; } = printed;

    public override string TypeName => "range";

    public override bool IsTrue => Count > 0;

    public Value this[int index] => new IntValue(Start + (Step * index));
}

/// <summary>What <c>map</c>, <c>select</c> and their kin give: true even when empty, and gone once iterated.</summary>
internal sealed class GeneratorValue(List<Value> items) : Value
{
    private int next;

    public override string TypeName => "generator";

    public bool TryNext(out Value item)
    {
        bool any = next < items.Count;
        item = any ? items[next++] : NoneValue.Instance;
        return any;
    }
}

/// <summary>A value with named members: <c>namespace()</c> or <c>loop</c>.</summary>
internal abstract class ObjectValue : Value
{
    /// <summary>The member of that name, or null.</summary>
    public abstract Value? Member(string name);
}

/// <summary>Something to call: a global function, a macro, a method bound to its receiver.</summary>
internal sealed class CallableValue(string name, Func<Arguments, Value> body) : Value
{
    public string Name { get; } = name;

    public override string TypeName => "function";

    public Value Call(Arguments arguments) => body(arguments);
}

using System.Numerics;
using OrleansAlign.Models.Text;

namespace OrleansAlign.Models.Chat.Jinja;

/// <summary>Arguments in their places.</summary>
/// <param name="callee">Name of the callee, for messages.</param>
/// <param name="names">The parameters' names.</param>
/// <param name="values">Their values; null for one left out.</param>
/// <param name="rest">Positional arguments beyond them.</param>
/// <param name="namedRest">Named arguments beyond them.</param>
internal sealed class Bound(
    string callee, IReadOnlyList<string> names, Value?[] values, List<Value> rest, List<NamedArgument> namedRest)
{
    public List<Value> Rest { get; } = rest;

    public List<NamedArgument> NamedRest { get; } = namedRest;

    public Arguments AllRest => new(Rest, NamedRest);

    /// <summary>The argument, or null when it was left out.</summary>
    public Value? this[int index] => values[index];

    /// <summary>The argument, or null when it was left out or is none.</summary>
    public Value? Given(int index) => values[index] is NoneValue ? null : values[index];

    public bool Flag(int index, bool otherwise = false) => values[index]?.IsTrue ?? otherwise;

    public string Text(int index, string otherwise) => Given(index) is null ? otherwise : Marked(index).Text;

    public MarkedText Marked(int index) => values[index] switch
    {
        StringValue text => text.Marked,
        UndefinedValue undefined => throw undefined.Fault(),
        var other => throw Mismatch(index, "a text", other),
    };

    public int Number(int index, int otherwise) => Given(index) switch
    {
        null => otherwise,
        UndefinedValue undefined => throw undefined.Fault(),
        var value when Numbers.IsWhole(value) => Numbers.Clamp(Numbers.Whole(value)),
        var other => throw Mismatch(index, "a whole number", other),
    };

    public BigInteger Whole(int index) => values[index] switch
    {
        UndefinedValue undefined => throw undefined.Fault(),
        var value when Numbers.IsWhole(value) => Numbers.Whole(value!),
        var other => throw Mismatch(index, "a whole number", other),
    };

    private TemplateFault Mismatch(int index, string expected, Value? actual) =>
        new($"{callee} needs {expected} as '{names[index]}', not a value of type {actual?.TypeName}.");
}

using System.Numerics;

namespace OrleansAlign.Models.Chat.Jinja;

/// <summary>Python's equality of dictionary keys: texts by their characters whatever their marks, and 1, 1.0 and true are one key.</summary>
internal sealed class KeyComparer : IEqualityComparer<Value>
{
    public static readonly KeyComparer Instance = new();

    public bool Equals(Value? x, Value? y) => (x, y) switch
    {
        (StringValue a, StringValue b) => a.Text == b.Text,
        (NoneValue, NoneValue) => true,
        (not null, not null) => Numbers.IsNumber(x) && Numbers.IsNumber(y) && Numbers.Compare(x, y) == 0,
        _ => false,
    };

    public int GetHashCode(Value obj) => obj switch
    {
        StringValue text => text.Text.GetHashCode(StringComparison.Ordinal),
        FloatValue { Number: var number } when double.IsInteger(number) => new BigInteger(number).GetHashCode(),
        FloatValue { Number: var number } => number.GetHashCode(),
        _ when Numbers.IsNumber(obj) => Numbers.Whole(obj).GetHashCode(),
        _ => 0,
    };
}

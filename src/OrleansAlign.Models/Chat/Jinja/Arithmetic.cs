using System.Numerics;

namespace OrleansAlign.Models.Chat.Jinja;

/// <summary>Python's binary and unary operators.</summary>
internal static class Arithmetic
{
    private const int MaxExponent = 4096;

    public static Value Apply(string op, Value left, Value right, Budget budget)
    {
        if (left is UndefinedValue leftMissing) throw leftMissing.Fault();
        if (right is UndefinedValue rightMissing) throw rightMissing.Fault();
        if (Numbers.IsWhole(left) && Numbers.IsWhole(right)) return Whole(op, Numbers.Whole(left), Numbers.Whole(right));
        if (Numbers.IsNumber(left) && Numbers.IsNumber(right)) return new FloatValue(Real(op, Numbers.Real(left), Numbers.Real(right)));
        return (op, left, right) switch
        {
            ("+", StringValue a, StringValue b) => new StringValue(MarkedStrings.Concat(a.Marked, b.Marked, budget)),
            ("+", ListValue a, ListValue b) when a.Kind == b.Kind && a.Kind <= ListKind.Tuple => Concat(a, b, budget),
            ("*", StringValue a, _) when Numbers.IsWhole(right) =>
                new StringValue(MarkedStrings.Repeat(a.Marked, Numbers.Clamp(Numbers.Whole(right)), budget)),
            ("*", _, StringValue) when Numbers.IsWhole(left) => Apply(op, right, left, budget),
            ("*", ListValue a, _) when Numbers.IsWhole(right) && a.Kind <= ListKind.Tuple => Repeat(a, Numbers.Clamp(Numbers.Whole(right)), budget),
            ("*", _, ListValue) when Numbers.IsWhole(left) => Apply(op, right, left, budget),
            ("%", StringValue, _) or ("+", StringValue, _) or ("+", _, StringValue) =>
                throw Mismatch(op, left, right, "Join with '~', which makes a text of anything."),
            _ => throw Mismatch(op, left, right, "Convert one of them."),
        };
    }

    public static Value Sign(string op, Value operand) => operand switch
    {
        UndefinedValue undefined => throw undefined.Fault(),
        FloatValue real => op == "-" ? new FloatValue(-real.Number) : real,
        _ when Numbers.IsWhole(operand) => new IntValue(op == "-" ? -Numbers.Whole(operand) : Numbers.Whole(operand)),
        _ => throw new TemplateFault($"'{op}' needs a number, not a value of type {operand.TypeName}."),
    };

    private static TemplateFault Mismatch(string op, Value left, Value right, string remedy) =>
        new($"'{op}' cannot join a value of type {left.TypeName} and one of type {right.TypeName}. {remedy}");

    private static Value Whole(string op, BigInteger a, BigInteger b)
    {
        switch (op)
        {
            case "+": return IntValue.Checked(a + b);
            case "-": return IntValue.Checked(a - b);
            case "*": return IntValue.Checked(a * b);
            case "/": return new FloatValue((double)a / (double)NotZero(b));
            case "//": return IntValue.Checked(FloorDivide(a, NotZero(b)));
            case "%": return IntValue.Checked(a - (FloorDivide(a, NotZero(b)) * b));
            default:
                if (b < 0) return new FloatValue(Real(op, (double)a, (double)b));
                if (BigInteger.Abs(a) <= 1) return new IntValue(b.IsZero ? BigInteger.One : b.IsEven ? a * a : a);
                return b <= MaxExponent
                    ? IntValue.Checked(BigInteger.Pow(a, (int)b))
                    : throw new TemplateFault($"an exponent is above {MaxExponent}.");
        }
    }

    private static double Real(string op, double a, double b)
    {
        switch (op)
        {
            case "+": return a + b;
            case "-": return a - b;
            case "*": return a * b;
            case "/" when b != 0: return a / b;
            case "//" when b != 0: return Math.Floor(a / b);
            case "%" when b != 0:
                double rest = a % b;
                return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
            case "**" when a != 0 || b >= 0: return Math.Pow(a, b);
            default: throw new TemplateFault($"'{op}' divides by zero.");
        }
    }

    private static BigInteger NotZero(BigInteger divisor) => divisor.IsZero ? throw new TemplateFault("division by zero.") : divisor;

    private static BigInteger FloorDivide(BigInteger a, BigInteger b)
    {
        BigInteger quotient = BigInteger.DivRem(a, b, out BigInteger rest);
        return !rest.IsZero && (rest < 0) != (b < 0) ? quotient - 1 : quotient;
    }

    private static ListValue Concat(ListValue a, ListValue b, Budget budget)
    {
        budget.Spend((long)a.Items.Count + b.Items.Count);
        return new ListValue([.. a.Items, .. b.Items], a.Kind);
    }

    private static ListValue Repeat(ListValue list, int count, Budget budget)
    {
        count = list.Items.Count == 0 ? 0 : Math.Max(0, count);
        budget.Spend((long)list.Items.Count * count);
        var items = new List<Value>(list.Items.Count * count);
        for (int i = 0; i < count; i++) items.AddRange(list.Items);
        return new ListValue(items, list.Kind);
    }
}

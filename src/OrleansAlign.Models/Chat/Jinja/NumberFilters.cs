using System.Numerics;

namespace OrleansAlign.Models.Chat.Jinja;

/// <summary>Filters that make numbers.</summary>
internal static class NumberFilters
{
    public static void AddTo(OperationTable table) => table
        .Add("int", "default? base?", ToWhole)
        .Add("float", "default?", ToReal)
        .Add("abs", (_, subject) => Absolute(subject))
        .Add("round", "precision? method?", Round);

    private static Value ToWhole(Runtime runtime, Value subject, Bound arguments)
    {
        Value otherwise = arguments[0] ?? new IntValue(0);
        switch (subject)
        {
            case UndefinedValue undefined: throw undefined.Fault();
            case StringValue text:
                runtime.Budget.Make(text.Text.Length);
                if (Numbers.ParseWhole(text.Text, Math.Clamp(arguments.Number(1, 10), 0, 36)) is { } whole) return IntValue.Checked(whole);
                return Numbers.ParseReal(text.Text) is { } real && double.IsFinite(real)
                    ? new IntValue(new BigInteger(Math.Truncate(real)))
                    : otherwise;
            case FloatValue { Number: var number }: return double.IsFinite(number) ? new IntValue(new BigInteger(Math.Truncate(number))) : otherwise;
            default: return Numbers.IsWhole(subject) ? new IntValue(Numbers.Whole(subject)) : otherwise;
        }
    }

    private static Value ToReal(Runtime runtime, Value subject, Bound arguments)
    {
        Value otherwise = arguments[0] ?? new FloatValue(0);
        if (subject is UndefinedValue undefined) throw undefined.Fault();
        if (subject is not StringValue text) return Numbers.IsNumber(subject) ? new FloatValue(Numbers.Real(subject)) : otherwise;
        runtime.Budget.Make(text.Text.Length);
        return Numbers.ParseReal(text.Text) is { } real ? new FloatValue(real) : otherwise;
    }

    private static Value Absolute(Value subject) => subject switch
    {
        UndefinedValue undefined => throw undefined.Fault(),
        FloatValue real => new FloatValue(Math.Abs(real.Number)),
        _ when Numbers.IsWhole(subject) => new IntValue(BigInteger.Abs(Numbers.Whole(subject))),
        _ => throw new TemplateFault($"the filter 'abs' needs a number, not a value of type {subject.TypeName}."),
    };

    private static Value Round(Runtime runtime, Value subject, Bound arguments)
    {
        if (subject is UndefinedValue undefined) throw undefined.Fault();
        if (!Numbers.IsNumber(subject)) throw new TemplateFault($"the filter 'round' needs a number, not a value of type {subject.TypeName}.");
        int precision = Math.Clamp(arguments.Number(0, 0), -308, 308);
        string method = arguments.Text(1, "common");
        if (method == "common" && Numbers.IsWhole(subject)) return new IntValue(RoundWhole(Numbers.Whole(subject), precision));

        double number = Numbers.Real(subject), scale = Math.Pow(10, precision);
        return method switch
        {
            "common" when precision is >= 0 and <= 15 => new FloatValue(Math.Round(number, precision, MidpointRounding.ToEven)),
            "common" => new FloatValue(precision > 15 ? number : Math.Round(number * scale, MidpointRounding.ToEven) / scale),
            "ceil" => new FloatValue(Math.Ceiling(number * scale) / scale),
            "floor" => new FloatValue(Math.Floor(number * scale) / scale),
            _ => throw new TemplateFault($"the filter 'round' has no method '{method}'. It has common, ceil and floor."),
        };
    }

    /// <summary>To a multiple of 10 to the −<paramref name="precision"/>, the even one of two as near.</summary>
    private static BigInteger RoundWhole(BigInteger number, int precision)
    {
        if (precision >= 0) return number;
        BigInteger unit = BigInteger.Pow(10, -precision);
        BigInteger below = BigInteger.DivRem(number, unit, out BigInteger rest);
        if (rest.Sign < 0) (below, rest) = (below - 1, rest + unit);
        int half = (rest * 2).CompareTo(unit);
        return (half > 0 || (half == 0 && !below.IsEven) ? below + 1 : below) * unit;
    }
}

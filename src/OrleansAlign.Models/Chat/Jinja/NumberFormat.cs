using System.Globalization;
using System.Numerics;

namespace OrleansAlign.Models.Chat.Jinja;

/// <summary>Numbers in the layouts that Python's <c>%</c> and <c>format</c> share.</summary>
internal static class NumberFormat
{
    private const int MaxPrecision = 300;

    /// <summary>A number's digits, without its sign, in the layout <paramref name="type"/>.</summary>
    /// <param name="value">The number.</param>
    /// <param name="type">One of <c>d x X o b f F e E g G %</c>.</param>
    /// <param name="precision">Digits after the point, or significant ones for <c>g</c>; 6 when null.</param>
    public static string Digits(Value value, char type, int? precision)
    {
        if (!Numbers.IsNumber(value)) throw new TemplateFault($"the format '{type}' needs a number, not a value of type {value.TypeName}.");
        if (precision > MaxPrecision) throw new TemplateFault($"a number is formatted with {precision} digits; at most {MaxPrecision} are possible.");
        if (type is 'd' or 'x' or 'X' or 'o' or 'b') return WholeDigits(value, type);

        double number = Math.Abs(Numbers.Real(value));
        if (!double.IsFinite(number)) return double.IsNaN(number) ? "nan" : "inf";
        int places = precision ?? 6;
        string digits = char.ToLowerInvariant(type) switch
        {
            'f' => Fixed(number, places),
            '%' => Fixed(number * 100, places) + "%",
            'e' => Scientific(number, places),
            'g' => General(number, Math.Max(1, places)),
            _ => throw new TemplateFault($"there is no format '{type}' for numbers."),
        };
        return char.IsUpper(type) ? digits.ToUpperInvariant() : digits;
    }

    public static bool IsNegative(Value value) => Numbers.IsWhole(value) ? Numbers.Whole(value).Sign < 0 : double.IsNegative(Numbers.Real(value));

    private static string WholeDigits(Value value, char type)
    {
        BigInteger number = BigInteger.Abs(value is FloatValue { Number: var real }
            ? double.IsFinite(real) ? new BigInteger(Math.Truncate(real)) : throw new TemplateFault("an infinite number or NaN has no whole digits.")
            : Numbers.Whole(value));
        if (number.IsZero) return "0";
        int bits = type switch { 'x' or 'X' => 4, 'o' => 3, 'b' => 1, _ => 0 };
        if (bits == 0) return number.ToString(CultureInfo.InvariantCulture);
        var digits = new Stack<char>();
        for (; !number.IsZero; number >>= bits) digits.Push("0123456789abcdef"[(int)(number & ((1 << bits) - 1))]);
        string text = new([.. digits]);
        return type == 'X' ? text.ToUpperInvariant() : text;
    }

    private static string Fixed(double number, int places) => number.ToString("F" + places, CultureInfo.InvariantCulture);

    private static string Scientific(double number, int places)
    {
        string text = number.ToString("E" + places, CultureInfo.InvariantCulture);
        int letter = text.IndexOf('E');
        int exponent = int.Parse(text.AsSpan(letter + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        return $"{text[..letter]}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
    }

    private static string General(double number, int significant)
    {
        string scientific = Scientific(number, significant - 1);
        int letter = scientific.IndexOf('e');
        int exponent = int.Parse(scientific.AsSpan(letter + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        if (exponent >= -4 && exponent < significant) return WithoutZeros(Fixed(number, significant - 1 - exponent));
        return WithoutZeros(scientific[..letter]) + scientific[letter..];
    }

    private static string WithoutZeros(string digits) => digits.Contains('.', StringComparison.Ordinal) ? digits.TrimEnd('0').TrimEnd('.') : digits;
}

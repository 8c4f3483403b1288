using System.Globalization;
using System.Numerics;

namespace OrleansAlign.Models.Chat.Jinja;

/// <summary>Python's numbers: whole ones, floats, and truth values as 0 and 1.</summary>
internal static class Numbers
{
    public static bool IsNumber(Value? value) => value is IntValue or FloatValue or BoolValue;

    public static bool IsWhole(Value? value) => value is IntValue or BoolValue;

    /// <summary>A whole number or truth value as a number.</summary>
    public static BigInteger Whole(Value value) => value is IntValue whole ? whole.Number : value.IsTrue ? BigInteger.One : BigInteger.Zero;

    /// <summary>Any number as a float.</summary>
    public static double Real(Value value) => value is FloatValue real ? real.Number : (double)Whole(value);

    /// <summary>A whole number cut to the range of an index.</summary>
    public static int Clamp(BigInteger number) => (int)BigInteger.Min(BigInteger.Max(number, -int.MaxValue), int.MaxValue);

    /// <summary>Exact order of two numbers; null when one is not a number (NaN).</summary>
    public static int? Compare(Value a, Value b)
    {
        if (IsWhole(a) && IsWhole(b)) return Whole(a).CompareTo(Whole(b));
        if (a is FloatValue x && b is FloatValue y) return double.IsNaN(x.Number) || double.IsNaN(y.Number) ? null : x.Number.CompareTo(y.Number);
        if (a is not FloatValue) return -Compare(b, a);
        double real = ((FloatValue)a).Number;
        if (double.IsNaN(real)) return null;
        if (double.IsInfinity(real)) return real > 0 ? 1 : -1;
        int order = new BigInteger(Math.Floor(real)).CompareTo(Whole(b));
        return order == 0 && real != Math.Floor(real) ? 1 : order;
    }

    /// <summary>
    /// Python's <c>repr</c> of a float: the shortest digits that read back as the same number, an exponent from 1e16 and below 1e-4.
    /// </summary>
    public static string Print(double number)
    {
        if (double.IsNaN(number)) return "nan";
        if (double.IsInfinity(number)) return number > 0 ? "inf" : "-inf";
        if (number == 0) return double.IsNegative(number) ? "-0.0" : "0.0";

        // Shortest digits and exponent, whatever layout .NET chose.
        string shortest = Math.Abs(number).ToString("R", CultureInfo.InvariantCulture);
        int letter = shortest.IndexOf('E');
        string mantissa = letter < 0 ? shortest : shortest[..letter];
        int shift = letter < 0 ? 0 : int.Parse(shortest.AsSpan(letter + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        int point = mantissa.IndexOf('.') is >= 0 and var dot ? dot : mantissa.Length;
        string all = mantissa.Replace(".", "", StringComparison.Ordinal);
        string digits = all.TrimStart('0');
        int exponent = point - 1 - (all.Length - digits.Length) + shift;
        digits = digits.TrimEnd('0');

        string sign = number < 0 ? "-" : "";
        if (exponent is < -4 or >= 16)
        {
            string fraction = digits.Length > 1 ? $".{digits[1..]}" : "";
            return $"{sign}{digits[0]}{fraction}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
        }

        if (exponent < 0) return $"{sign}0.{new string('0', -exponent - 1)}{digits}";
        return digits.Length <= exponent + 1
            ? $"{sign}{digits.PadRight(exponent + 1, '0')}.0"
            : $"{sign}{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}";
    }

    /// <summary>Python's <c>int(text, base)</c>; null when the text is not a whole number.</summary>
    public static BigInteger? ParseWhole(string text, int radix)
    {
        ReadOnlySpan<char> rest = Characters.Trim(text);
        bool negative = rest.StartsWith("-");
        if (negative || rest.StartsWith("+")) rest = rest[1..];
        if (rest.Length > 1 && rest[0] == '0' && RadixOf(rest[1]) is int prefix && (radix == prefix || radix == 0))
        {
            radix = prefix;
            rest = rest[2..];
        }

        if (radix == 0) radix = 10;
        if (rest.Length is 0 or > 1300) return null;

        BigInteger number = BigInteger.Zero;
        bool digitBefore = false;
        foreach (char c in rest)
        {
            if (c == '_' && digitBefore)
            {
                digitBefore = false;
                continue;
            }

            int digit = DigitOf(c);
            if (digit < 0 || digit >= radix) return null;
            number = (number * radix) + digit;
            digitBefore = true;
        }

        return digitBefore ? (negative ? -number : number) : null;
    }

    /// <summary>Python's <c>float(text)</c>; null when the text is not a number.</summary>
    public static double? ParseReal(string text)
    {
        string trimmed = Characters.Trim(text).ToString();
        switch (trimmed.TrimStart('+', '-').ToLowerInvariant())
        {
            case "inf" or "infinity": return trimmed[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
            case "nan": return double.NaN;
        }

        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return double.TryParse(trimmed, Style, CultureInfo.InvariantCulture, out double number) ? number : null;
    }

    private static int? RadixOf(char letter) => char.ToLowerInvariant(letter) switch { 'x' => 16, 'o' => 8, 'b' => 2, _ => null };

    private static int DigitOf(char c) => c switch
    {
        >= '0' and <= '9' => c - '0',
        >= 'a' and <= 'z' => c - 'a' + 10,
        >= 'A' and <= 'Z' => c - 'A' + 10,
        _ => -1,
    };
}

using System.Globalization;
using System.Text;

namespace OrleansAlign.Models.Chat.Jinja;

/// <summary>Python's <c>strftime</c> in the C locale.</summary>
internal static class Strftime
{
    private static readonly CultureInfo English = CultureInfo.InvariantCulture;

    /// <summary>The moment as the format asks; a directive that is not known stays as written.</summary>
    public static string Format(DateTimeOffset moment, string format)
    {
        var text = new StringBuilder();
        for (int i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || i + 1 == format.Length)
            {
                text.Append(format[i]);
                continue;
            }

            char flag = i + 2 < format.Length && format[i + 1] is '-' or '_' or '0' or '^' or '#' ? format[i + 1] : '\0';
            int at = flag == '\0' ? i + 1 : i + 2;
            text.Append(Directive(moment, format[at]) is string value ? Flagged(value, flag) : format[i..(at + 1)]);
            i = at;
        }

        return text.ToString();
    }

    private static string Flagged(string value, char flag) => flag switch
    {
        '-' => value.TrimStart('0', ' ') is { Length: > 0 } trimmed ? trimmed : "0",
        '_' => value.TrimStart('0').PadLeft(value.Length),
        '0' => value.Replace(' ', '0'),
        '^' or '#' => value.ToUpperInvariant(),
        _ => value,
    };

    private static string? Directive(DateTimeOffset moment, char letter) => letter switch
    {
        'a' => moment.ToString("ddd", English),
        'A' => moment.ToString("dddd", English),
        'b' or 'h' => moment.ToString("MMM", English),
        'B' => moment.ToString("MMMM", English),
        'd' => moment.ToString("dd", English),
        'e' => moment.Day.ToString(English).PadLeft(2),
        'm' => moment.ToString("MM", English),
        'y' => moment.ToString("yy", English),
        'Y' => moment.Year.ToString(English),
        'C' => (moment.Year / 100).ToString("00", English),
        'j' => moment.DayOfYear.ToString("000", English),
        'u' => Weekday(moment).ToString(English),
        'w' => ((int)moment.DayOfWeek).ToString(English),
        'U' => ((moment.DayOfYear + 6 - (int)moment.DayOfWeek) / 7).ToString("00", English),
        'W' => ((moment.DayOfYear + 7 - Weekday(moment)) / 7).ToString("00", English),
        'V' => ISOWeek.GetWeekOfYear(moment.DateTime).ToString("00", English),
        'G' => ISOWeek.GetYear(moment.DateTime).ToString(English),
        'F' => moment.ToString("yyyy-MM-dd", English),
        'D' or 'x' => moment.ToString("MM'/'dd'/'yy", English),
        _ => TimeDirective(moment, letter),
    };

    private static string? TimeDirective(DateTimeOffset moment, char letter) => letter switch
    {
        'H' => moment.ToString("HH", English),
        'I' => moment.ToString("hh", English),
        'M' => moment.ToString("mm", English),
        'S' => moment.ToString("ss", English),
        'f' => moment.ToString("ffffff", English),
        'p' => moment.Hour < 12 ? "AM" : "PM",
        'R' => moment.ToString("HH:mm", English),
        'T' or 'X' => moment.ToString("HH:mm:ss", English),
        'r' => moment.ToString("hh:mm:ss ", English) + (moment.Hour < 12 ? "AM" : "PM"),
        'c' => moment.ToString("ddd MMM ", English) + moment.Day.ToString(English).PadLeft(2) + moment.ToString(" HH:mm:ss yyyy", English),
        's' => moment.ToUnixTimeSeconds().ToString(English),
        'n' => "\n",
        't' => "\t",
        '%' => "%",

        // The moment is naive in transformers: it has no zone to print.
        'z' or 'Z' => "",
        _ => null,
    };

    /// <summary>Monday is 1, Sunday 7.</summary>
    private static int Weekday(DateTimeOffset moment) => moment.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)moment.DayOfWeek;
}

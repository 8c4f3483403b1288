using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace OrleansAlign.Silo;

/// <summary>Writes every event as one line: UTC time, level, category, message, and the messages of an exception and its causes.</summary>
/// <remarks>
/// A stack trace follows on the same line for errors of this program's own categories. For the errors that Orleans logs as silos and clients come and go,
/// a trace adds nothing.
/// </remarks>
/// <param name="clock">The time; the formatter is made when the silo starts.</param>
public sealed class OneLineFormatter(TimeProvider clock) : ConsoleFormatter(FormatterName)
{
    /// <summary>The formatter's name.</summary>
    public const string FormatterName = "one-line";

    private const string Own = "OrleansAlign", Watchdog = "Orleans.Runtime.Watchdog", SinceLastTick = "TimeSinceLastTick";

    private readonly long begun = clock.GetTimestamp();

    /// <inheritdoc/>
    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        if (IsBeforeTheFirstTick(logEntry)) return;
        string message = logEntry.Formatter(logEntry.State, logEntry.Exception);
        if (message.Length == 0 && logEntry.Exception is null) return;

        var line = new StringBuilder();
        string time = clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        line.Append(time).Append(' ').Append(Word(logEntry.LogLevel)).Append(' ').Append(logEntry.Category).Append(": ").Append(message);
        for (Exception? error = logEntry.Exception; error is not null; error = error.InnerException)
        {
            line.Append("; ").Append(error.GetType().Name).Append(": ").Append(error.Message);
        }

        bool isOwnError = logEntry.LogLevel >= LogLevel.Error && logEntry.Category.StartsWith(Own, StringComparison.Ordinal);
        if (isOwnError && logEntry.Exception?.StackTrace is { } stack) line.Append("; ").Append(stack);

        // The text may come from a client: no character may begin a line or control a terminal.
        for (int i = 0; i < line.Length; i++)
        {
            if (char.IsControl(line[i]) || line[i] is '\u2028' or '\u2029') line[i] = ' ';
        }

        textWriter.WriteLine(line.ToString());
    }

    /// <summary>
    /// Whether the watchdog complains of an interval that is longer than this process has lived. Orleans 10.4 measures its first interval from the machine's
    /// boot and so warns of a stall at every start; a real stall lies within the process's life.
    /// </summary>
    private bool IsBeforeTheFirstTick<TState>(in LogEntry<TState> entry) =>
        entry.Category == Watchdog
        && entry.State is IReadOnlyList<KeyValuePair<string, object?>> values
        && values.FirstOrDefault(v => v.Key == SinceLastTick).Value is TimeSpan since && since > clock.GetElapsedTime(begun);

    private static string Word(LogLevel level) => level switch
    {
        LogLevel.Trace => "trce",
        LogLevel.Debug => "dbug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "fail",
        _ => "crit",
    };
}

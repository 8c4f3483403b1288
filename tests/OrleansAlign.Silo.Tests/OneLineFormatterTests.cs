using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace OrleansAlign.Silo.Tests;

public sealed class OneLineFormatterTests
{
    [Fact]
    public void An_event_is_one_line_whatever_is_in_it()
    {
        string line = Write("Orleans.Runtime", LogLevel.Warning, "run \u001b[31mred\r\n2026-01-01 forged", Thrown("outer\nnews", new IOException("inner")));

        Assert.Equal(
            "2026-01-02T03:04:05.678Z warn Orleans.Runtime: run  [31mred  2026-01-01 forged; InvalidOperationException: outer news; IOException: inner\n",
            line);
    }

    [Fact]
    public void Only_failures_of_the_program_itself_tell_where_they_were()
    {
        Exception error = Thrown("broken", null);

        Assert.Contains("OneLineFormatterTests.Thrown(", Write("OrleansAlign.Grains.Runs", LogLevel.Error, "x", error), StringComparison.Ordinal);
        Assert.DoesNotContain("Thrown(", Write("OrleansAlign.Grains.Runs", LogLevel.Warning, "x", error), StringComparison.Ordinal);
        Assert.DoesNotContain("Thrown(", Write("Orleans.Runtime", LogLevel.Error, "x", error), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Orleans.Runtime.Watchdog", 2444, "")]
    [InlineData("Orleans.Runtime.Watchdog", 0, "2026-01-02T03:04:05.678Z warn Orleans.Runtime.Watchdog: no tick\n")]
    [InlineData("Orleans.Runtime.Silo", 2444, "2026-01-02T03:04:05.678Z warn Orleans.Runtime.Silo: no tick\n")]
    public void A_stall_that_is_longer_than_the_process_has_lived_is_none(string category, int seconds, string written)
    {
        using StringWriter text = new() { NewLine = "\n" };
        KeyValuePair<string, object?>[] state = [new("TimeSinceLastTick", TimeSpan.FromSeconds(seconds))];

        new OneLineFormatter(new StoppedClock()).Write(
            new LogEntry<KeyValuePair<string, object?>[]>(LogLevel.Warning, category, default, state, null, (_, _) => "no tick"), null, text);

        Assert.Equal(written, text.ToString());
    }

    private static string Write(string category, LogLevel level, string message, Exception? error)
    {
        using StringWriter text = new() { NewLine = "\n" };
        new OneLineFormatter(new StoppedClock()).Write(new LogEntry<string>(level, category, default, message, error, (state, _) => state), null, text);
        return text.ToString();
    }

    private static InvalidOperationException Thrown(string message, Exception? inner)
    {
        try
        {
            throw new InvalidOperationException(message, inner);
        }
        catch (InvalidOperationException error)
        {
            return error;
        }
    }

    private sealed class StoppedClock : TimeProvider
    {
        public override long GetTimestamp() => 0;

        public override DateTimeOffset GetUtcNow() => new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);
    }
}

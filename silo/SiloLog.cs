namespace OrleansAlign.Silo;

/// <summary>The events of a silo's life.</summary>
internal static partial class SiloLog
{
    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "{Line}")]
    public static partial void Said(this ILogger log, string line);

    [LoggerMessage(EventId = 2, Level = LogLevel.Information, Message = "silo {Silo} is active, {Seconds:0.0} s after its start")]
    public static partial void Active(this ILogger log, string silo, double seconds);

    [LoggerMessage(EventId = 3, Level = LogLevel.Critical, Message = "the silo did not start")]
    public static partial void NotStarted(this ILogger log, Exception error);

    [LoggerMessage(EventId = 4, Level = LogLevel.Information,
        Message = "{Signal}: finishing, then leaving the cluster, within {Seconds:0} s; a second signal ends at once")]
    public static partial void Leaving(this ILogger log, string signal, double seconds);

    [LoggerMessage(EventId = 5, Level = LogLevel.Warning, Message = "{Signal} again: ending at once")]
    public static partial void EndsAtOnce(this ILogger log, string signal);

    [LoggerMessage(EventId = 6, Level = LogLevel.Error, Message = "not ended {Seconds:0} s after the signal: ending at once")]
    public static partial void TooLate(this ILogger log, double seconds);

    [LoggerMessage(EventId = 8, Level = LogLevel.Error, Message = "the silo did not end as it should")]
    public static partial void NotEnded(this ILogger log, Exception error);

    [LoggerMessage(EventId = 9, Level = LogLevel.Warning,
        Message = "silo {Silo} gave no sign of life for {Seconds:0} s and does not listen any more: declared dead")]
    public static partial void DeclaredDead(this ILogger log, string silo, double seconds);

    [LoggerMessage(EventId = 10, Level = LogLevel.Warning, Message = "could not look for silos that are gone: {Problem}")]
    public static partial void StaleSilosUnknown(this ILogger log, string problem);

    [LoggerMessage(EventId = 7, Level = LogLevel.Information, Message = "silo {Silo} has left the cluster")]
    public static partial void Left(this ILogger log, string silo);
}

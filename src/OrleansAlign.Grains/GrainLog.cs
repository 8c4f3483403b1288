using Microsoft.Extensions.Logging;

namespace OrleansAlign.Grains;

/// <summary>What grains write into a silo's log.</summary>
internal static partial class GrainLog
{
    [LoggerMessage(1, LogLevel.Information, "run {Run}: begins or goes on")]
    public static partial void RunBegins(this ILogger log, string run);

    [LoggerMessage(2, LogLevel.Information, "run {Run}: finished with policy {Policy}")]
    public static partial void RunFinished(this ILogger log, string run, string policy);

    [LoggerMessage(3, LogLevel.Error, "run {Run}: failed: {Problem}")]
    public static partial void RunFailed(this ILogger log, string run, string problem);

    [LoggerMessage(4, LogLevel.Warning, "run {Run}: interrupted, tried again in {Seconds} s: {Problem}")]
    public static partial void RunInterrupted(this ILogger log, string run, double seconds, string problem);

    [LoggerMessage(5, LogLevel.Warning, "silo {Silo}: its device slots could not be announced or withdrawn: {Problem}")]
    public static partial void NotAnnounced(this ILogger log, string silo, string problem);

    [LoggerMessage(7, LogLevel.Debug, "{Call}: tried {Attempts} times in {Seconds} s: {Problem}")]
    public static partial void Retried(this ILogger log, string call, int attempts, double seconds, string problem);

    [LoggerMessage(6, LogLevel.Warning, "{What}: {Problem}")]
    public static partial void Trouble(this ILogger log, string what, string problem);
}

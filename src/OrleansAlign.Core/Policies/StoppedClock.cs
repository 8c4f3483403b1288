namespace OrleansAlign.Core.Policies;

/// <summary>The clock of templates that write the date. It is constant: a prompt that changed at midnight would change every later draw.</summary>
/// <remarks>It shows 26 July 2024, the date that Llama 3's templates write by default.</remarks>
internal sealed class StoppedClock : TimeProvider
{
    /// <summary>The one instance.</summary>
    public static StoppedClock Instance { get; } = new();

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => new(2024, 7, 26, 0, 0, 0, TimeSpan.Zero);
}

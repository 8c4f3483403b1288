using System.Diagnostics;

namespace OrleansAlign.Silo.Tests;

/// <summary>Waits until a condition holds.</summary>
internal static class Until
{
    /// <summary>Longest wait; reached only if something is broken, or the machine is very busy.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    /// <summary>Asks again and again until there is an answer.</summary>
    /// <param name="ask">The answer; null or an exception means not yet.</param>
    /// <param name="what">The condition's name in messages.</param>
    public static async Task<T> SoAsync<T>(string what, Func<Task<T?>> ask)
        where T : class
    {
        long start = Stopwatch.GetTimestamp();
        using PeriodicTimer tick = new(TimeSpan.FromMilliseconds(50));
        Exception? last = null;
        do
        {
            try
            {
                if (await ask() is { } answer) return answer;
            }
            catch (Exception error) when (error is HttpRequestException or Npgsql.NpgsqlException or Orleans.Runtime.OrleansException or TimeoutException)
            {
                last = error;
            }

            await tick.WaitForNextTickAsync();
        }
        while (Stopwatch.GetElapsedTime(start) < Patience);

        throw new TimeoutException($"not within {Patience.TotalSeconds} s: {what}", last);
    }

    /// <summary>Asks again and again until the condition holds.</summary>
    public static Task TrueAsync(string what, Func<Task<bool>> ask) => SoAsync<object>(what, async () => await ask() ? string.Empty : null);
}

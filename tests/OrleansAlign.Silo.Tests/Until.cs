using System.Diagnostics;

namespace OrleansAlign.Silo.Tests;

/// <summary>Waits until something is so.</summary>
internal static class Until
{
    /// <summary>Longest wait for anything; reached only where something is broken, or the machine is very busy.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    /// <summary>Asks again and again.</summary>
    /// <param name="ask">What is so far; null or throwing: not yet.</param>
    /// <param name="what">What is waited for.</param>
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

    /// <summary>Asks again and again whether something is so.</summary>
    public static Task TrueAsync(string what, Func<Task<bool>> ask) => SoAsync<object>(what, async () => await ask() ? string.Empty : null);
}

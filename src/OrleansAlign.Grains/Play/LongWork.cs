namespace OrleansAlign.Grains.Play;

/// <summary>Work that takes longer than a call may: the first call begins it, every call waits for it; if it failed, the next call begins it again.</summary>
/// <remarks>Not thread-safe: a grain uses it on its own turns only.</remarks>
internal sealed class LongWork
{
    private Task? work;

    /// <summary>Begins the work unless it is under way or done, and waits for its end.</summary>
    /// <param name="begin">Begins the work.</param>
    /// <param name="wait">How long to wait.</param>
    /// <returns>Whether the work is done.</returns>
    public async Task<bool> ForAsync(Func<Task> begin, TimeSpan wait)
    {
        Task current = work ??= begin();
        try
        {
            await current.WaitAsync(wait);
            return true;
        }
        catch (TimeoutException) when (!current.IsCompleted)
        {
            return false;
        }
        catch
        {
            if (work == current) work = null;
            throw;
        }
    }
}

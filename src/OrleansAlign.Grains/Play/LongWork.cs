namespace OrleansAlign.Grains.Play;

/// <summary>Work that outlasts a call: begun by the first call, waited for by any, begun anew by the next call if it failed.</summary>
/// <remarks>For grains: everything here runs on the grain's own turns.</remarks>
internal sealed class LongWork
{
    private Task? work;

    /// <summary>Begins unless it is under way, and waits a while.</summary>
    /// <param name="begin">Begins it.</param>
    /// <param name="wait">How long to wait.</param>
    /// <returns>Whether it is done.</returns>
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

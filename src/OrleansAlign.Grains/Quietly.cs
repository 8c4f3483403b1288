namespace OrleansAlign.Grains;

/// <summary>Waits that are over when a task ends, however it ends.</summary>
internal static class Quietly
{
    /// <summary>Waits for the end of a task; its failure is not this caller's concern.</summary>
    public static async Task EndAsync(Task task) =>
        await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
}

using OrleansAlign.Core.Policies;

namespace OrleansAlign.Grains.Contracts.Remote;

/// <summary>Spreads work over the device slots: each item goes to the slot that its content belongs to. The calls' size and number are bounded.</summary>
/// <param name="slots">The slots.</param>
/// <param name="calls">Makes the calls.</param>
/// <param name="engine">The engine that slots must have.</param>
internal sealed class SlotWork(SlotDirectory slots, RemoteCalls calls, EngineKind engine)
{
    /// <summary>Most items of one call: a message stays below a few MiB. Small calls cost little, since a slot batches the calls that wait.</summary>
    public const int ItemsPerCall = 64;

    /// <summary>Calls under way at the same time.</summary>
    public const int CallsInFlight = 16;

    /// <summary>Does the work; result i belongs to item i.</summary>
    /// <param name="what">Name of the call, for metrics and messages.</param>
    /// <param name="items">The items to work on.</param>
    /// <param name="keyOf">The content by which an item's slot is chosen.</param>
    /// <param name="call">Calls a slot, given its key; result i belongs to item i.</param>
    /// <param name="cancel">Ends the wait.</param>
    public async Task<IReadOnlyList<TResult>> DoAsync<TItem, TResult>(
        string what, IReadOnlyList<TItem> items, Func<TItem, string> keyOf, Func<string, IReadOnlyList<TItem>, Task<IReadOnlyList<TResult>>> call,
        CancellationToken cancel)
    {
        if (items.Count == 0) return [];
        string[] keys = [.. items.Select(keyOf)];
        int[][] parts = await calls.RunAsync("devices.slots", () => PartsAsync(keys), cancel).ConfigureAwait(false);
        var results = new TResult[items.Count];
        using var places = new SemaphoreSlim(CallsInFlight);
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        await Task.WhenAll(parts.Select(OneAsync)).ConfigureAwait(false);
        return results;

        async Task OneAsync(int[] part)
        {
            await places.WaitAsync(failed.Token).ConfigureAwait(false);
            try
            {
                TItem[] asked = [.. part.Select(i => items[i])];
                async Task<IReadOnlyList<TResult>> AskAsync(int attempt)
                {
                    DeviceSlot slot = await slots.ChooseAsync(keys[part[0]], engine, attempt).ConfigureAwait(false);
                    return await call(slot.Key, asked).ConfigureAwait(false);
                }

                IReadOnlyList<TResult> answers = await calls.RunAsync(what, AskAsync, failed.Token).ConfigureAwait(false);
                if (answers.Count != part.Length) throw new InvalidOperationException($"{what}: {answers.Count} results came for {part.Length} items");
                for (int i = 0; i < part.Length; i++) results[part[i]] = answers[i];
            }
            catch
            {
                await failed.CancelAsync().ConfigureAwait(false);
                throw;
            }
            finally
            {
                places.Release();
            }
        }
    }

    /// <summary>Indices of the items, by slot and then by call.</summary>
    private async Task<int[][]> PartsAsync(string[] keys)
    {
        Dictionary<string, string> slotOf = [];
        foreach (string key in keys)
        {
            if (!slotOf.ContainsKey(key)) slotOf[key] = (await slots.ChooseAsync(key, engine).ConfigureAwait(false)).Key;
        }

        return [.. Enumerable.Range(0, keys.Length).GroupBy(i => slotOf[keys[i]]).SelectMany(group => group.Chunk(ItemsPerCall))];
    }
}

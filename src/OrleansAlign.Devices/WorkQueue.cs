namespace OrleansAlign.Devices;

/// <summary>The calls that wait for a device, and their order. Two lanes alternate: work that needs the device alone, and work that can be batched.</summary>
/// <remarks>
/// The items of one key are due once they fill a batch or the eldest has waited for the window. Of the keys that are due, the one with the eldest item goes
/// first, with as many of its items as fit a batch. No item starves: an item that is due goes before every later one, and the lanes alternate while both have
/// due items. The caller provides the time and the locking.
/// </remarks>
/// <param name="options">Limits of queue and batches.</param>
/// <param name="window">The window in units of the time stamps.</param>
internal sealed class WorkQueue(DeviceOptions options, long window)
{
    private readonly LinkedList<WorkItem> exclusive = new();
    private readonly Dictionary<string, Group> groups = new(StringComparer.Ordinal);
    private int inferences;
    private long numbers;
    private bool exclusiveWentLast;

    /// <summary>Items that wait.</summary>
    public int Count => inferences + exclusive.Count;

    /// <summary>Time stamp at which the next batch is due, after <see cref="Take"/> found none; null if no item waits.</summary>
    public long? Due => groups.Count == 0 ? null : groups.Values.Min(g => g.Eldest.Arrived) + window;

    /// <summary>Appends an item; false if its lane is full.</summary>
    public bool TryAdd(WorkItem item, long now)
    {
        if ((item.Key is null ? exclusive.Count : inferences) >= options.QueueCapacity) return false;
        (item.Number, item.Arrived) = (numbers++, now);
        if (item.Key is null)
        {
            item.Place = exclusive.AddLast(item);
            return true;
        }

        if (!groups.TryGetValue(item.Key, out Group? group)) groups[item.Key] = group = new Group();
        item.Place = group.Items.AddLast(item);
        group.Size += item.Size;
        inferences++;
        return true;
    }

    /// <summary>Removes an item; does nothing if it does not wait.</summary>
    public void Remove(WorkItem item)
    {
        if (item.Place is not { } place) return;
        item.Place = null;
        place.List!.Remove(place);
        if (item.Key is null) return;
        Group group = groups[item.Key];
        group.Size -= item.Size;
        inferences--;
        if (group.Items.Count == 0) groups.Remove(item.Key);
    }

    /// <summary>Removes and returns the next batch; null if none is due.</summary>
    /// <param name="now">The time, as a time stamp.</param>
    /// <param name="hurry">Whether no further items will arrive, so that every item is due.</param>
    public Batch? Take(long now, bool hurry)
    {
        Group? next = null;
        foreach (Group group in groups.Values)
        {
            bool isDue = hurry || IsFull(group) || now - group.Eldest.Arrived >= window;
            if (isDue && (next is null || group.Eldest.Number < next.Eldest.Number)) next = group;
        }

        bool takeExclusive = exclusive.First is not null && (next is null || !exclusiveWentLast);
        if (!takeExclusive && next is null) return null;
        exclusiveWentLast = takeExclusive;
        List<WorkItem> items = [];
        if (takeExclusive)
        {
            items.Add(exclusive.First!.Value);
            Remove(items[0]);
            return new Batch(items);
        }

        WorkSize size = default;
        while (next!.Items.First is { Value: var item } && (items.Count == 0 || Fits(size + item.Size)))
        {
            size += item.Size;
            items.Add(item);
            Remove(item);
        }

        return new Batch(items);
    }

    /// <summary>Removes and returns all items.</summary>
    public IReadOnlyList<WorkItem> TakeAll()
    {
        WorkItem[] all = [.. exclusive, .. groups.Values.SelectMany(g => g.Items)];
        foreach (WorkItem item in all) Remove(item);
        return all;
    }

    private bool IsFull(Group group) => group.Size.Sequences >= options.MaxSequences || group.Size.Tokens >= options.MaxTokens;

    private bool Fits(WorkSize size) => size.Sequences <= options.MaxSequences && size.Tokens <= options.MaxTokens;

    /// <summary>Waiting items of one key, in the order of arrival; never empty.</summary>
    private sealed class Group
    {
        public LinkedList<WorkItem> Items { get; } = new();

        public WorkSize Size { get; set; }

        public WorkItem Eldest => Items.First!.Value;
    }
}

namespace OrleansAlign.Devices;

/// <summary>What waits for a device, and which of it goes next. Two lanes take turns: work that wants the device for itself, and work that can be put together.</summary>
/// <remarks>
/// Work of one key is due once there is enough of it or its eldest item waited for the window; of what is due, the eldest goes first, with as much of its key
/// as fits. Nothing starves: whatever is due is older than all that comes later, and the lanes alternate while both have work that is due. No clock, no lock.
/// </remarks>
/// <param name="options">Bounds.</param>
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

    /// <summary>When the next item is due after <see cref="Take"/> found none, as a time stamp; null if nothing waits.</summary>
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

    /// <summary>Takes an item out; nothing happens if it does not wait.</summary>
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

    /// <summary>Takes out what goes next; null if nothing is due.</summary>
    /// <param name="now">The time.</param>
    /// <param name="hurry">Whether no more will come, so that all of it is due.</param>
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

    /// <summary>Takes out everything.</summary>
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

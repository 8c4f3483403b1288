namespace OrleansAlign.Ledgers;

/// <summary>The rows of many runs, each run in a SQLite file of one folder; a few files that no call uses stay open.</summary>
internal sealed class SqliteFolder(string folder, int mostIdle) : LedgerStore
{
    private readonly Lock guard = new();
    private readonly Dictionary<string, OpenFile> open = new(StringComparer.Ordinal);
    private long uses;
    private bool closed;

    /// <summary>Number of files that are open.</summary>
    public int Open
    {
        get
        {
            lock (guard) return open.Count;
        }
    }

    /// <summary>The runs that have a file, in the order of their names.</summary>
    public IReadOnlyList<string> Runs() => Directory.Exists(folder)
        ? [.. Directory.GetFiles(folder, "*.db").Select(file => Path.GetFileNameWithoutExtension(file)!).Order(StringComparer.Ordinal)]
        : [];

    /// <inheritdoc/>
    public override Task<bool[]> AddAsync(string run, Table table, IReadOnlyList<object?[]> rows, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return UseAsync(run, makes: true, [], file => file.AddAsync(run, table, rows, cancel));
    }

    /// <inheritdoc/>
    public override Task<IReadOnlyList<object>> ReadAsync(string run, Table table, KeyFilter filter, CancellationToken cancel) =>
        UseAsync(run, makes: false, [], file => file.ReadAsync(run, table, filter, cancel));

    /// <inheritdoc/>
    public override Task<object?[]> FindAsync(string run, Table table, IReadOnlyList<object[]> keys, CancellationToken cancel) =>
        UseAsync(run, makes: false, new object?[keys.Count], file => file.FindAsync(run, table, keys, cancel));

    /// <inheritdoc/>
    public override Task<long> CountAsync(string run, Table table, KeyFilter filter, CancellationToken cancel) =>
        UseAsync(run, makes: false, 0, file => file.CountAsync(run, table, filter, cancel));

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        OpenFile[] all;
        lock (guard)
        {
            closed = true;
            all = [.. open.Values];
            open.Clear();
        }

        foreach (OpenFile file in all) await file.CloseAsync().ConfigureAwait(false);
    }

    /// <summary>
    /// Uses a run's file and opens it if it is not open. If there is no file, <paramref name="makes"/> decides between creating it and returning
    /// <paramref name="nothing"/>.
    /// </summary>
    private async Task<T> UseAsync<T>(string run, bool makes, T nothing, Func<SqliteStore, Task<T>> use)
    {
        string path = Path.Combine(folder, run + ".db");
        OpenFile? file;
        lock (guard)
        {
            ObjectDisposedException.ThrowIf(closed, typeof(SqliteLedgers));
            if (!open.TryGetValue(run, out file))
            {
                if (!makes && !File.Exists(path)) return nothing;
                open[run] = file = new OpenFile(path);
            }

            file.Users++;
            file.LastUse = ++uses;
        }

        try
        {
            return await use(file.Store).ConfigureAwait(false);
        }
        finally
        {
            if (Release(run, file) is { } idle) await idle.CloseAsync().ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Ends a use of a file, and returns a file to close, if any. A call that needs the returned file before it is closed opens it a second time, which SQLite
    /// allows.
    /// </summary>
    private OpenFile? Release(string run, OpenFile file)
    {
        lock (guard)
        {
            file.Users--;

            // The next call opens a file that could not be opened once more: it may have been repaired.
            if (!file.IsOpen && open.GetValueOrDefault(run) == file) open.Remove(run);
            if (open.Count <= mostIdle) return null;
            (string Run, OpenFile File)[] idle = [.. open.Where(o => o.Value.Users == 0).Select(o => (o.Key, o.Value))];
            if (idle.Length <= mostIdle) return null;
            (string oldest, OpenFile last) = idle.MinBy(o => o.File.LastUse);
            open.Remove(oldest);
            return last;
        }
    }

    private sealed class OpenFile(string path)
    {
        private readonly Lazy<SqliteStore> store = new(() => SqliteStore.Open(path));

        public int Users { get; set; }

        public long LastUse { get; set; }

        public bool IsOpen => store.IsValueCreated;

        /// <summary>The store; the first caller opens it, and others wait for that.</summary>
        public SqliteStore Store => store.Value;

        public ValueTask CloseAsync() => store.IsValueCreated ? store.Value.DisposeAsync() : ValueTask.CompletedTask;
    }
}

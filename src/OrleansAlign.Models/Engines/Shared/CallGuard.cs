namespace OrleansAlign.Models.Engines.Shared;

/// <summary>Lets one call at a time into an engine, whose memory is native and whose buffers all calls share, and none after it was disposed of.</summary>
/// <param name="engine">The engine. A call that is running keeps it alive, and with it the memory that only pointers refer to.</param>
internal sealed class CallGuard(object engine)
{
    private int busy;
    private volatile bool disposed;

    /// <summary>Begins a call, which ends when the result is disposed of.</summary>
    /// <exception cref="InvalidOperationException">Another call is running.</exception>
    /// <exception cref="ObjectDisposedException">The engine was disposed of.</exception>
    public Use Enter()
    {
        ObjectDisposedException.ThrowIf(disposed, engine);
        if (Interlocked.Exchange(ref busy, 1) != 0)
        {
            throw new InvalidOperationException("the engine is in use by another call; an engine has one caller at a time, and an objective must not call it");
        }

        return new Use(this);
    }

    /// <summary>Runs <paramref name="free"/> as the engine's last call; a second time nothing happens.</summary>
    /// <exception cref="InvalidOperationException">A call is still running: its memory cannot be taken away.</exception>
    public void Close(Action free)
    {
        if (disposed) return;
        using Use use = Enter();
        disposed = true;
        free();
    }

    /// <summary>A call.</summary>
    public readonly struct Use(CallGuard guard) : IDisposable
    {
        /// <inheritdoc/>
        public void Dispose() => Volatile.Write(ref guard.busy, 0);
    }
}

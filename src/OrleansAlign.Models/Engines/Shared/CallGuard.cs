namespace OrleansAlign.Models.Engines.Shared;

/// <summary>Admits one call at a time to an engine, whose memory is native and whose buffers all calls share, and no call after its disposal.</summary>
/// <param name="engine">The engine. A running call keeps it alive, and with it the memory that only pointers refer to.</param>
internal sealed class CallGuard(object engine)
{
    private int busy;
    private volatile bool disposed;

    /// <summary>Runs a call.</summary>
    /// <exception cref="InvalidOperationException">Another call is running.</exception>
    /// <exception cref="ObjectDisposedException">The engine was disposed of.</exception>
    public T Run<T>(Func<T> call)
    {
        ObjectDisposedException.ThrowIf(disposed, engine);
        if (Interlocked.Exchange(ref busy, 1) != 0)
        {
            throw new InvalidOperationException("the engine is in use by another call; an engine has one caller at a time, and an objective must not call it");
        }

        try
        {
            return call();
        }
        finally
        {
            Volatile.Write(ref busy, 0);
        }
    }

    /// <summary>Runs a call without a result.</summary>
    public void Run(Action call) => Run(() =>
    {
        call();
        return true;
    });

    /// <summary>Runs <paramref name="free"/> as the engine's last call; a second call does nothing.</summary>
    /// <exception cref="InvalidOperationException">A call is still running and uses the memory.</exception>
    public void Close(Action free)
    {
        if (disposed) return;
        Run(() =>
        {
            disposed = true;
            free();
        });
    }
}

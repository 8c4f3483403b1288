using System.Runtime.ExceptionServices;

namespace OrleansAlign.Models.Numerics;

/// <summary>Threads that claim numbered tasks of one job after another. The caller works too; a pool of one thread is the caller alone.</summary>
/// <remarks>
/// Free threads claim tasks in ascending order; results must not depend on which thread gets which task. Between jobs a thread spins a few
/// microseconds before it parks, because layers follow each other faster than a thread wakes. One caller at a time.
/// </remarks>
internal sealed class WorkerPool : IDisposable
{
    private const int SpinsBeforeParking = 2000;

    private readonly Thread[] workers;
    private readonly SemaphoreSlim wake = new(0);
    private Job? current;
    private int parked;
    private volatile bool stopping;

    public WorkerPool(int threads)
    {
        Threads = threads > 0 ? threads : Environment.ProcessorCount;
        workers = new Thread[Threads - 1];
        for (int i = 0; i < workers.Length; i++)
        {
            int worker = i + 1;
            workers[i] = new Thread(() => Work(worker)) { IsBackground = true, Name = $"align-engine-{worker}" };
            workers[i].Start();
        }
    }

    /// <summary>Threads, the caller included.</summary>
    public int Threads { get; }

    /// <summary>Calls body(task, worker) for every task below <paramref name="count"/>, worker in [0, Threads); returns when all are done.</summary>
    /// <remarks>If a task throws, tasks not yet begun are left out and the first exception reaches the caller.</remarks>
    public void Run(int count, Action<int, int> body)
    {
        if (Threads == 1 || count <= 1)
        {
            for (int i = 0; i < count; i++) body(i, 0);
            return;
        }

        var job = new Job(body, count);
        Volatile.Write(ref current, job);
        Interlocked.MemoryBarrier();
        int sleeping = Math.Min(Volatile.Read(ref parked), count - 1);
        if (sleeping > 0) wake.Release(sleeping);
        job.Help(0);
        job.Wait();
        Volatile.Write(ref current, null);
        if (job.Failure is { } failure) ExceptionDispatchInfo.Throw(failure);
    }

    /// <summary>Ends the threads and waits for them.</summary>
    public void Dispose()
    {
        stopping = true;
        if (workers.Length > 0) wake.Release(workers.Length);
        foreach (Thread worker in workers) worker.Join();
        wake.Dispose();
    }

    private void Work(int worker)
    {
        Job? last = null;
        while (true)
        {
            Job? job = null;
            for (int spin = 0; spin < SpinsBeforeParking && !stopping; spin++)
            {
                job = Volatile.Read(ref current);
                if (job is not null && job != last) break;
                job = null;
                Thread.SpinWait(8);
            }

            if (job is null)
            {
                // Announce before the last look: a caller that publishes after it sees the announcement and releases the semaphore.
                Interlocked.Increment(ref parked);
                job = Volatile.Read(ref current);
                if ((job is null || job == last) && !stopping) wake.Wait();
                Interlocked.Decrement(ref parked);
                if (stopping) return;
                continue;
            }

            last = job;
            job.Help(worker);
        }
    }

    private sealed class Job(Action<int, int> body, int count)
    {
        private int claimed;
        private int done;

        public Exception? Failure { get; private set; }

        public void Help(int worker)
        {
            int finished = 0;
            for (int task = Interlocked.Increment(ref claimed) - 1; task < count; task = Interlocked.Increment(ref claimed) - 1)
            {
                if (Failure is null)
                {
                    try
                    {
                        body(task, worker);
                    }
#pragma warning disable CA1031 // Whatever a task throws is handed to the caller; an exception that left a worker thread would end the process.
                    catch (Exception exception)
#pragma warning restore CA1031
                    {
                        Failure = exception;
                    }
                }

                finished++;
            }

            if (finished > 0) Interlocked.Add(ref done, finished);
        }

        public void Wait()
        {
            var spinner = default(SpinWait);
            while (Volatile.Read(ref done) < count) spinner.SpinOnce(sleep1Threshold: -1);
        }
    }
}

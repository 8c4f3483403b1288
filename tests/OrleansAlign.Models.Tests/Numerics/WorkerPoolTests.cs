using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Models.Tests.Numerics;

public class WorkerPoolTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Every_task_runs_once_job_after_job(int threads)
    {
        using var pool = new WorkerPool(threads);
        Assert.Equal(threads, pool.Threads);
        for (int job = 0; job < 300; job++)
        {
            int count = job % 40;
            int[] runs = new int[count];
            pool.Run(count, (task, worker) =>
            {
                Assert.InRange(worker, 0, threads - 1);
                Interlocked.Increment(ref runs[task]);
            });
            Assert.All(runs, r => Assert.Equal(1, r));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_failing_task_reaches_the_caller_and_the_pool_goes_on(int threads)
    {
        using var pool = new WorkerPool(threads);
        var caught = Assert.Throws<InvalidOperationException>(() => pool.Run(50, (task, _) =>
        {
            if (task == 20) throw new InvalidOperationException("task twenty");
        }));
        Assert.Equal("task twenty", caught.Message);
        int done = 0;
        pool.Run(10, (_, _) => Interlocked.Increment(ref done));
        Assert.Equal(10, done);
    }

    [Fact]
    public void Zero_threads_means_one_per_processor()
    {
        using var pool = new WorkerPool(0);
        Assert.Equal(Environment.ProcessorCount, pool.Threads);
    }
}

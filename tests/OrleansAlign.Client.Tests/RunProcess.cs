using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace OrleansAlign.Client.Tests;

/// <summary>The program working on a run. Its ledger shows when to kill or interrupt it.</summary>
internal sealed class RunProcess : IDisposable
{
    /// <summary>Longest wait; reached only if something is broken.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process process;
    private readonly TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task<string> output, error;

    private RunProcess(Process process)
    {
        this.process = process;
        process.StandardInput.Close();
        error = process.StandardError.ReadToEndAsync();
        output = ReadAsync();
    }

    public static RunProcess Start(params string[] args) => new(Align.Start(args));

    /// <summary>Waits until the query returns another number than 0. It is asked again after every write to the ledger.</summary>
    /// <param name="path">The ledger's file.</param>
    /// <param name="question">A query that returns one number.</param>
    public async Task UntilAsync(string path, string question)
    {
        await begun.Task.WaitAsync(Patience);
        var written = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        using var watcher = new FileSystemWatcher(Path.GetDirectoryName(path)!, Path.GetFileName(path) + "*");
        watcher.NotifyFilter = NotifyFilters.LastWrite | NotifyFilters.Size;
        watcher.Changed += (_, _) => written.Writer.TryWrite(true);
        watcher.EnableRaisingEvents = true;
        using SqliteConnection ledger = Ledgers.Open(path);
        using SqliteCommand command = ledger.CreateCommand();
        command.CommandText = question;
        while ((long)command.ExecuteScalar()! == 0)
        {
            Assert.False(process.HasExited, $"the run ended before it was so: {question}");
            await written.Reader.ReadAsync().AsTask().WaitAsync(Patience);
        }
    }

    /// <summary>Sends SIGKILL and waits for the end.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        Assert.Equal(128 + 9, (await EndAsync()).Code);
    }

    /// <summary>Sends SIGINT, as Ctrl-C does, and waits for the end.</summary>
    public async Task<Ending> InterruptAsync()
    {
        using Process kill = Process.Start("sh", ["-c", $"kill -INT {process.Id}"]);
        await kill.WaitForExitAsync();
        return await EndAsync();
    }

    public void Dispose()
    {
        if (!process.HasExited) process.Kill();
        process.Dispose();
    }

    private async Task<Ending> EndAsync()
    {
        await process.WaitForExitAsync().WaitAsync(Patience);
        return new Ending(process.ExitCode, await output, await error);
    }

    /// <summary>Reads standard output. Its first line names the run, whose ledger exists from then on.</summary>
    private async Task<string> ReadAsync()
    {
        string? first = await process.StandardOutput.ReadLineAsync();
        begun.TrySetResult();
        return $"{first}\n{await process.StandardOutput.ReadToEndAsync()}";
    }
}

using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace OrleansAlign.Client.Tests;

/// <summary>The program working on a run, watched through its ledger and ended in mid-work.</summary>
internal sealed class RunProcess : IDisposable
{
    /// <summary>Longest wait for anything; reached only where something is broken.</summary>
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

    /// <summary>Waits until the ledger at <paramref name="path"/> answers <paramref name="question"/> with other than 0. Looks whenever the ledger is written to.</summary>
    public async Task UntilAsync(string path, string question)
    {
        await begun.Task.WaitAsync(Patience);
        var written = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        using var watcher = new FileSystemWatcher(Path.GetDirectoryName(path)!, Path.GetFileName(path) + "*") { NotifyFilter = NotifyFilters.LastWrite | NotifyFilters.Size };
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

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        Assert.Equal(128 + 9, (await EndAsync()).Code);
    }

    /// <summary>SIGINT, as Ctrl-C sends it.</summary>
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

    /// <summary>The first line names the run: from then on it has a ledger.</summary>
    private async Task<string> ReadAsync()
    {
        string? first = await process.StandardOutput.ReadLineAsync();
        begun.TrySetResult();
        return $"{first}\n{await process.StandardOutput.ReadToEndAsync()}";
    }
}

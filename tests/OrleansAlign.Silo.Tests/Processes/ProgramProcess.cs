using System.Diagnostics;
using System.Text.RegularExpressions;
using OrleansAlign.Tests;

namespace OrleansAlign.Silo.Tests.Processes;

/// <summary>The real silo or client in a process of its own. Its output is kept; the test's end kills it.</summary>
internal sealed class ProgramProcess : IDisposable
{
    // The program's own build folder: a copy beside these tests would lack the files of the silo's web framework.
    private static readonly DirectoryInfo Built = new(AppContext.BaseDirectory.TrimEnd('/'));
    private static readonly string ClientProgram = Repository.At("client", "bin", Built.Parent!.Name, Built.Name, "align.dll");

    private readonly string name;
    private readonly Process process;
    private readonly List<string> lines = [];
    private readonly Lock gate = new();
    private readonly List<(Regex Pattern, TaskCompletionSource<string> Seen)> awaited = [];

    private ProgramProcess(string program, string folder, IEnumerable<string> arguments)
    {
        name = Path.GetFileNameWithoutExtension(program);
        process = new Process
        {
            StartInfo = new ProcessStartInfo("dotnet", ["exec", program, .. arguments])
            {
                RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder,
            },
        };
        process.OutputDataReceived += (_, line) => Read(line.Data);
        process.ErrorDataReceived += (_, line) => Read(line.Data);
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>All lines so far.</summary>
    public string[] Lines
    {
        get
        {
            lock (gate) return [.. lines];
        }
    }

    public bool HasExited => process.HasExited;

    /// <summary>Starts a silo with settings such as <c>Role=device</c>.</summary>
    public static ProgramProcess Silo(params IEnumerable<string> settings) =>
        new(Path.Combine(AppContext.BaseDirectory, "align-silo.dll"), Path.GetTempPath(), settings.Select(s => s.StartsWith('-') ? s : "--Align:" + s));

    /// <summary>Starts the client in a folder.</summary>
    public static ProgramProcess Client(string folder, params IEnumerable<string> arguments) => new(ClientProgram, folder, arguments);

    /// <summary>Waits for a line.</summary>
    public async Task<string> LineAsync(string pattern)
    {
        Regex regex = new(pattern);
        TaskCompletionSource<string> seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            if (lines.Find(l => regex.IsMatch(l)) is { } line) return line;
            awaited.Add((regex, seen));
        }

        Task ended = process.WaitForExitAsync();
        Task first = await Task.WhenAny(seen.Task, ended).WaitAsync(Until.Patience);
        Assert.True(first == seen.Task || seen.Task.IsCompleted,
            $"{name} ended ({(process.HasExited ? process.ExitCode : 0)}) before it said {pattern}:\n{string.Join('\n', Lines)}");
        return await seen.Task;
    }

    /// <summary>Waits until the silo is a member of the cluster.</summary>
    public Task<string> ActiveAsync() => LineAsync(" is active, ");

    /// <summary>Sends a signal: TERM, KILL, INT.</summary>
    public async Task SignalAsync(string signal)
    {
        using Process kill = Process.Start("sh", ["-c", $"kill -{signal} {process.Id}"]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Waits for the process's end.</summary>
    /// <param name="patience">Longest wait; null: as for every other wait.</param>
    /// <returns>Its exit code.</returns>
    public async Task<int> EndAsync(TimeSpan? patience = null)
    {
        await process.WaitForExitAsync().WaitAsync(patience ?? Until.Patience);
        return process.ExitCode;
    }

    public void Dispose()
    {
        if (!process.HasExited) process.Kill();
        process.WaitForExit();
        process.Dispose();
    }

    private void Read(string? line)
    {
        if (line is null) return;
        lock (gate)
        {
            lines.Add(line);
            foreach ((Regex pattern, TaskCompletionSource<string> seen) in awaited)
            {
                if (pattern.IsMatch(line)) seen.TrySetResult(line);
            }
        }
    }
}

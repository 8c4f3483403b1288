using System.Diagnostics;

namespace OrleansAlign.Client.Tests;

/// <summary>Runs the real program in a process of its own.</summary>
internal static class Align
{
    /// <summary>Each stream that is read from a process blocks a pool thread; with one thread per core, everything else would wait for new threads.</summary>
    private const int Threads = 64;

    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "align.dll");

    static Align() => ThreadPool.SetMinThreads(Threads, Threads);

    /// <summary>Runs the program to its end.</summary>
    public static async Task<Ending> RunAsync(string? input, params string[] args)
    {
        using Process process = Start(args);
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        if (input is not null) await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return new Ending(process.ExitCode, await output, await error);
    }

    /// <summary>Starts the program; the caller ends it.</summary>
    public static Process Start(params string[] args)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", Program, .. args])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        return Process.Start(start)!;
    }
}

/// <summary>Exit code and output of a process that ended.</summary>
internal sealed record Ending(int Code, string Output, string Error)
{
    public string[] OutputLines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Asserts that it was refused with one line on standard error that has all of <paramref name="parts"/>.</summary>
    public void IsRefusal(params string[] parts)
    {
        Assert.Equal(2, Code);
        string line = Assert.Single(Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.All(parts, part => Assert.Contains(part, line, StringComparison.Ordinal));
    }
}

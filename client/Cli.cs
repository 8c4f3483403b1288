using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using OrleansAlign.Client.Commands;
using OrleansAlign.Client.Hosts;
using OrleansAlign.Client.Terminal;

namespace OrleansAlign.Client;

/// <summary>The command line: its commands, and how errors and signals end it.</summary>
internal static partial class Cli
{
    /// <summary>After Ctrl-C: time for a run to save its state, and for any other command to end.</summary>
    private static readonly TimeSpan TimeToSave = TimeSpan.FromSeconds(30), TimeToEnd = TimeSpan.FromSeconds(1);

    /// <summary>Runs one command line and returns the process's exit code, see <see cref="ExitCode"/>.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("Aligns a language model with preferences it makes itself.")
        {
            DemoCommand.Create(),
            RunCommand.Create(),
            ResumeCommand.Create(),
            StatusCommand.Create(),
            PruneCommand.Create(),
            WatchCommand.Create(),
            StopCommands.CreatePause(),
            StopCommands.CreateCancel(),
            ExplainCommand.Create(),
            JudgeCommand.Create(),
            EvalCommand.Create(),
            ChatCommand.Create(),
            GenerateCommand.Create(),
            TokenizeCommand.Create(),
            RenderCommand.Create(),
            RowsCommand.Create(),
            DataCommand.Create(),
            LogProbsCommand.Create(),
            BenchCommand.Create(),
            DoctorCommand.Create(),
        };
        ParseResult parsed = root.Parse(HostFlags.Complete(args));
        if (parsed.Errors.Count > 0)
        {
            foreach (string message in parsed.Errors.Select(e => InWords(e.Message)))
            {
                await Console.Error.WriteLineAsync($"align: {message}").ConfigureAwait(false);
            }

            string help = $"align {parsed.CommandResult.Command.Name} --help".Replace("align align", "align", StringComparison.Ordinal);
            await Console.Error.WriteLineAsync($"align: see '{help}'").ConfigureAwait(false);
            return ExitCode.BadInput;
        }

        try
        {
            return await InterruptibleAsync(
                cancel => parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, cancel),
                parsed.CommandResult.Command.Name is "demo" or "run" or "resume" ? TimeToSave : TimeToEnd).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            return Failure.Report(error);
        }
    }

    /// <summary>
    /// Runs a command and cancels it on SIGINT (Ctrl-C) or SIGTERM; a second signal ends the process at once. A command that does not end in time, such as one
    /// that waits for a line of input, is abandoned.
    /// </summary>
    private static async Task<int> InterruptibleAsync(Func<CancellationToken, Task<int>> command, TimeSpan patience)
    {
        using var stop = new CancellationTokenSource();
        var overdue = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        Task<int> work = Task.Run(() => command(stop.Token));
        return await (await Task.WhenAny(work, overdue.Task).ConfigureAwait(false)).ConfigureAwait(false);

        void Stop(PosixSignalContext context)
        {
            if (stop.IsCancellationRequested) return;
            context.Cancel = true;
            stop.Cancel();
            _ = Task.Delay(patience, CancellationToken.None).ContinueWith(
                _ => overdue.TrySetException(new OperationCanceledException()), TaskScheduler.Default);
        }
    }

    /// <summary>The parser's message without the names of .NET's types.</summary>
    private static string InWords(string message) =>
        WrongType().Replace(message, match => $"{match.Groups["name"].Value} {match.Groups["value"].Value} is not {TypeInWords(match.Groups["type"].Value)}");

    private static string TypeInWords(string name) => name switch
    {
        _ when name.Contains("UInt64", StringComparison.Ordinal) => "a whole number of 0 or more",
        _ when name.Contains("Int32", StringComparison.Ordinal) => "a whole number that fits in 32 bits",
        _ when name.Contains("Double", StringComparison.Ordinal) => "a number",
        _ => name,
    };

    [GeneratedRegex("^Cannot parse argument '(?<value>.*)' for (option|command) '(?<name>.*)' as expected type '(?<type>.*)'\\.", RegexOptions.Singleline)]
    private static partial Regex WrongType();
}

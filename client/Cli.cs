using System.CommandLine;
using OrleansAlign.Client.Commands;
using OrleansAlign.Client.Terminal;

namespace OrleansAlign.Client;

/// <summary>The command line: what it offers, and how it ends.</summary>
internal static class Cli
{
    /// <summary>Time that a run has to save its state after Ctrl-C.</summary>
    private static readonly TimeSpan TerminationTime = TimeSpan.FromSeconds(30);

    /// <summary>Runs one command line and returns the process's exit code, see <see cref="ExitCode"/>.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("Aligns a language model with preferences it makes itself.")
        {
            DemoCommand.Create(),
            RunCommand.Create(),
            ResumeCommand.Create(),
            StatusCommand.Create(),
            ExplainCommand.Create(),
            JudgeCommand.Create(),
            EvalCommand.Create(),
            ChatCommand.Create(),
            GenerateCommand.Create(),
            TokenizeCommand.Create(),
            RenderCommand.Create(),
            LogProbsCommand.Create(),
            BenchCommand.Create(),
            DoctorCommand.Create(),
        };
        ParseResult parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (System.CommandLine.Parsing.ParseError error in parsed.Errors) await Console.Error.WriteLineAsync($"align: {error.Message}").ConfigureAwait(false);
            await Console.Error.WriteLineAsync($"align: see 'align {parsed.CommandResult.Command.Name} --help'".Replace("align align", "align", StringComparison.Ordinal)).ConfigureAwait(false);
            return ExitCode.BadInput;
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TerminationTime }).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            return Failure.Report(error);
        }
    }
}

using System.Reflection;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Models.Chat;

namespace OrleansAlign.Client.Terminal;

/// <summary>How the process ends.</summary>
internal static class ExitCode
{
    /// <summary>The command did what it was asked.</summary>
    public const int Done = 0;

    /// <summary>A fault of the program or of the machine.</summary>
    public const int Fault = 1;

    /// <summary>Something that was given is wrong; the message says what.</summary>
    public const int BadInput = 2;

    /// <summary>Ended by Ctrl-C; a run can be resumed.</summary>
    public const int Interrupted = 130;
}

/// <summary>Something given on the command line is wrong.</summary>
/// <param name="message">What, the rule, and the remedy, in one line.</param>
internal sealed class BadInputException(string message) : Exception(message);

/// <summary>Turns exceptions into a line for people and an exit code for programs.</summary>
internal static class Failure
{
    /// <summary>Prints what went wrong on standard error.</summary>
    public static int Report(Exception error)
    {
        Exception cause = error is TargetInvocationException or AggregateException { InnerExceptions.Count: 1 } ? error.InnerException! : error;
        switch (cause)
        {
            case RecipeException recipe:
                foreach (string problem in recipe.Problems) Console.Error.WriteLine($"align: {problem}");
                return ExitCode.BadInput;
            case OperationCanceledException:
                Console.Error.WriteLine("align: interrupted");
                return ExitCode.Interrupted;
            case UnauthorizedAccessException:
                Console.Error.WriteLine($"align: {string.Join(' ', Lines(cause.Message)).TrimEnd('.')}; give the right to it, or choose another place");
                return ExitCode.BadInput;
            case BadInputException or InvalidDataException or ChatTemplateException or ArgumentException or FileNotFoundException or DirectoryNotFoundException:
                foreach (string line in Lines(cause.Message)) Console.Error.WriteLine($"align: {line}");
                return ExitCode.BadInput;
            case OutOfMemoryException:
                Console.Error.WriteLine("align: the memory does not suffice; take a smaller model, a smaller batch, or shorter sequences");
                return ExitCode.Fault;
            case ArithmeticException or IOException or TimeoutException:
                Console.Error.WriteLine($"align: {string.Join(' ', Lines(cause.Message))}");
                return ExitCode.Fault;
            default:
                Console.Error.WriteLine($"align: a fault of the program, please report it: {cause}");
                return ExitCode.Fault;
        }
    }

    private static string[] Lines(string text) => text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}

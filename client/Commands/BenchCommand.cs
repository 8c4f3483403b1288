using System.CommandLine;
using OrleansAlign.Client.Terminal;

namespace OrleansAlign.Client.Commands;

/// <summary><c>align bench</c>: how near the engine comes to this processor's peak.</summary>
internal static class BenchCommand
{
    public static Command Create()
    {
        var command = new Command("bench", "Measure the managed engine against this processor's multiply-add peak.");
        command.SetAction(_ => ExitCode.Done);
        return command;
    }
}

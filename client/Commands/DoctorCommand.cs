using System.CommandLine;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using OrleansAlign.Client.Terminal;
using OrleansAlign.Core.Policies;
using OrleansAlign.Ledgers;

namespace OrleansAlign.Client.Commands;

/// <summary><c>align doctor</c>: checks what a run needs on this machine.</summary>
internal static class DoctorCommand
{
    /// <summary>Free disk space below which a warning is given.</summary>
    private const long EnoughDisk = 1L << 30;

    public static Command Create()
    {
        Option<string> runs = Shared.Runs();
        var command = new Command("doctor", "Check what this machine has: processor, memory, libtorch, disk, ledger.") { runs };
        command.SetAction(async (parsed, cancel) =>
        {
            bool sound = true;
            string folder = Path.GetFullPath(parsed.GetRequiredValue(runs));
            Say(true, "program", $"align {ProgramVersion.Text} on .NET {Environment.Version}, {RuntimeInformation.RuntimeIdentifier}");
            bool hasVectors = Vector256.IsHardwareAccelerated || Vector128.IsHardwareAccelerated;
            Say(hasVectors, "processor", $"{Environment.ProcessorCount} threads, vectors of {Widest()} bits");
            long memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
            Say(true, "memory", $"{memory / (double)(1 << 30):F1} GiB available to the process");

            // A machine without TorchSharp passes: the managed engine needs nothing.
            string? cpu = Torchsharp("cpu"), gpu = Torchsharp("cuda");
            string works = gpu is null ? "computes on processors and on CUDA GPUs" : $"computes on processors, not on a GPU: {gpu}";
            Say(cpu is null ? true : null, "torchsharp", cpu is null ? works : $"not available: {cpu}");

            string existing = folder;
            while (!Directory.Exists(existing)) existing = Path.GetDirectoryName(existing)!;
            long free = new DriveInfo(existing).AvailableFreeSpace;
            string remedy = free >= EnoughDisk ? "" : "; a run needs 1 GiB: make room, or choose another folder with --runs";
            Say(free >= EnoughDisk, "disk", $"{free / (double)(1 << 30):F1} GiB free at {folder}{remedy}");

            // Tried where the runs will be kept, since a file system may lack what a ledger needs.
            string probe = Path.Combine(existing, $".align-doctor-{Environment.ProcessId}");
            try
            {
                await using (SqliteLedger ledger = SqliteLedger.Open(Path.Combine(probe, "ledger.db"))) await ledger.RunAsync(cancel).ConfigureAwait(false);
                Say(true, "ledger", $"SQLite works at {existing}");
            }
            catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException
                or DllNotFoundException or TypeInitializationException)
            {
                Say(false, "ledger", $"{error.Message.TrimEnd('.')}; choose another folder with --runs");
            }
            finally
            {
                if (Directory.Exists(probe)) Directory.Delete(probe, recursive: true);
            }

            Console.WriteLine(sound ? "All is well. Next: ./align demo" : "Something is missing, see above.");
            return sound ? ExitCode.Done : ExitCode.Fault;

            void Say(bool? good, string what, string text)
            {
                sound &= good != false;
                Console.WriteLine($"{good switch { true => "ok  ", false => "BAD ", null => "info" }} {what,-10} {text}");
            }
        });
        return command;
    }

    private static string? Torchsharp(string device) => AvailableEngines.Catalog.Problem(new EngineChoice(EngineKind.Torchsharp, device, 0));

    private static int Widest() => Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 64;
}

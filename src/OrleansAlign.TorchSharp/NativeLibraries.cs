using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace OrleansAlign.TorchSharp;

/// <summary>libtorch's native libraries: loaded once per process, from the folder that <c>ALIGN_LIBTORCH</c> names or from the program's own folder.</summary>
/// <remarks>
/// TorchSharp's own libLibTorchSharp.so comes with its package and asks the dynamic linker for libtorch by name. If the process has already
/// loaded a library of that name, the linker takes it; loading libtorch by absolute path first therefore decides which one is used.
/// </remarks>
internal static class NativeLibraries
{
    /// <summary>The environment variable that names the folder <c>lib</c> of an existing PyTorch.</summary>
    internal const string FolderVariable = "ALIGN_LIBTORCH";

    private const string Bridge = "libLibTorchSharp.so", Processor = "libtorch_cpu.so", Whole = "libtorch.so";

    private const string Choices = "build with Torch=cpu (processors) or Torch=cuda (NVIDIA GPUs) in the environment, "
        + "set ALIGN_LIBTORCH to the folder lib of an existing PyTorch, or use engine: managed";

    private const string LibFolder =
        "name the folder lib of an existing PyTorch (python3 -c \"import torch; print(torch.__path__[0] + '/lib')\" prints it), or unset ALIGN_LIBTORCH";

    /// <summary>libtorch's libraries, each after those that it needs. A libtorch for processors has no CUDA libraries; they load without a GPU too.</summary>
    private static readonly string[] Libraries = ["libc10.so", Processor, "libc10_cuda.so", "libtorch_cuda.so", Whole];

    private static readonly Lazy<string?> problem = new(() => Load(Environment.GetEnvironmentVariable(FolderVariable), SearchFolders()));

    /// <summary>Why libtorch cannot be used in this process, with the remedies, in one line; null if it can. The first call loads it.</summary>
    public static string? Problem => problem.Value;

    /// <summary>Loads libtorch, then TorchSharp's library over it.</summary>
    /// <param name="chosen">A folder with a libtorch; null or empty: the one beside the program.</param>
    /// <param name="beside">Folders where the runtime looks for the program's native libraries.</param>
    /// <returns>The problem in one line; null if all libraries are loaded.</returns>
    internal static string? Load(string? chosen, IReadOnlyList<string> beside)
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            return $"the torchsharp engine is built for linux-x64, and this is {RuntimeInformation.RuntimeIdentifier}; use engine: managed";
        }

        string? shipped = beside.FirstOrDefault(folder => File.Exists(Path.Combine(folder, Processor)));
        if (!string.IsNullOrEmpty(chosen) && FolderProblem(chosen, shipped) is { } wrong) return wrong;
        string? folder = string.IsNullOrEmpty(chosen) ? shipped : Path.GetFullPath(chosen);
        string? bridge = beside.FirstOrDefault(candidate => File.Exists(Path.Combine(candidate, Bridge)));
        if (folder is null || bridge is null) return $"libtorch, which the torchsharp engine computes with, is not beside this program: {Choices}";
        try
        {
            foreach (string path in Libraries.Select(name => Path.Combine(folder, name)).Where(File.Exists)) NativeLibrary.Load(path);
            NativeLibrary.Load(Path.Combine(bridge, Bridge));
            InitializeDeviceType(DeviceType.CPU);
            using Tensor one = ones(1, device: CPU);
            return null;
        }
        catch (Exception error) when (error is NotSupportedException or DllNotFoundException or EntryPointNotFoundException or BadImageFormatException
            or TypeInitializationException or InvalidOperationException)
        {
            return Explain((error.InnerException ?? error).Message, folder);
        }
    }

    /// <summary>What the dynamic linker's message means, in one line with the remedies.</summary>
    /// <param name="message">The message of the exception, of any number of lines.</param>
    /// <param name="folder">The folder of the libtorch that was to be loaded.</param>
    internal static string Explain(string message, string folder)
    {
        // The runtime's first line says that it failed and recommends a tracer; the linker's own line follows.
        string[] lines = [.. message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
        string reason = (lines.Length > 1 ? lines[1] : lines.FirstOrDefault() ?? "no reason was given").TrimEnd('.', ':');
        string place = $"the torchsharp engine cannot load libtorch from {folder} ({reason}): ";
        return reason.Contains("GLIBC", StringComparison.Ordinal)
            ? place + "TorchSharp's library needs the libstdc++ of GCC 13 or later, and this system's is older; "
                + "use a newer system (Debian 13, Ubuntu 24.04), or engine: managed"
            : place + $"the folder must hold the whole of a libtorch 2.10 or later; {Choices}";
    }

    /// <summary>What is wrong with a chosen folder; null if it can be used.</summary>
    private static string? FolderProblem(string folder, string? shipped)
    {
        if (!Directory.Exists(folder)) return $"{FolderVariable} is {folder}, and there is no such folder; {LibFolder}";
        if (!File.Exists(Path.Combine(folder, Whole))) return $"{FolderVariable} is {folder}, and that folder has no {Whole}; {LibFolder}";

        // TorchSharp loads a libtorch in the program's folder by its path even if another is loaded, and a second libtorch ends the process.
        return shipped is null || Path.GetFullPath(folder) == Path.GetFullPath(shipped)
            ? null
            : $"{FolderVariable} is {folder}, but this program has a libtorch of its own in {shipped}; build it with Torch=none, or unset {FolderVariable}";
    }

    private static string[] SearchFolders() =>
    [
        .. ((string?)AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries),
        AppContext.BaseDirectory,
    ];
}

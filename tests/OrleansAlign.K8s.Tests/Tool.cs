using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;

namespace OrleansAlign.K8s.Tests;

/// <summary>Runs programs that may be missing on this machine.</summary>
internal static class Tool
{
    /// <summary>The first kubectl whose kustomize knows components.</summary>
    private const int LeastMinor = 21;

    /// <summary>Why manifests cannot be rendered here; null if they can.</summary>
    public static string? KubectlProblem { get; } = FindKubectlProblem();

    /// <summary>Why rules cannot be checked here; null if they can.</summary>
    public static string? PromtoolProblem { get; } = Exists("promtool", "--version") ? null : "promtool is not installed (Debian: prometheus)";

    /// <summary>Runs a program to its end.</summary>
    /// <returns>Exit code, standard output, standard error.</returns>
    public static (int Code, string Output, string Error) Run(
        string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string key, string value) in environment ?? new Dictionary<string, string>()) start.Environment[key] = value;
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.GetAwaiter().GetResult());
    }

    private static bool Exists(string program, params string[] arguments)
    {
        try
        {
            return Run(program, arguments).Code == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    private static string? FindKubectlProblem()
    {
        if (!Exists("kubectl", "version", "--client")) return "kubectl is not installed (Debian: kubernetes-client)";
        using JsonDocument version = JsonDocument.Parse(Run("kubectl", ["version", "--client", "-o", "json"]).Output);
        string name = version.RootElement.GetProperty("clientVersion").GetProperty("gitVersion").GetString()!;
        return int.TryParse(name.Split('.')[1], out int minor) && minor >= LeastMinor
            ? null
            : $"kubectl {name} renders no components; 1.{LeastMinor} is the first that does";
    }
}

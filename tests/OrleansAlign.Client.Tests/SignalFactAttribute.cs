using System.Globalization;

namespace OrleansAlign.Client.Tests;

/// <summary>A test that sends SIGINT; skipped if the tests were started with SIGINT ignored, since child processes inherit that.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SignalFactAttribute : FactAttribute
{
    private const int Interrupt = 2;

    public SignalFactAttribute()
    {
        const string status = "/proc/self/status";
        if (!File.Exists(status)) Skip = $"there is no {status} to see whether SIGINT is ignored";
        else if ((Ignored(File.ReadAllLines(status)) >> (Interrupt - 1) & 1) == 1)
        {
            Skip = "the tests were started with SIGINT ignored, as a shell does with a command in the background";
        }
    }

    private static ulong Ignored(string[] lines) =>
        ulong.Parse(lines.Single(l => l.StartsWith("SigIgn:", StringComparison.Ordinal))["SigIgn:".Length..],
            NumberStyles.HexNumber | NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture);
}

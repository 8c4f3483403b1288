namespace OrleansAlign.Tests;

/// <summary>Inputs after public reports of what people's files and judges are like, which lie beside the repository.</summary>
internal static class Reports
{
    /// <summary>Why tests that need them are skipped; null where they are not.</summary>
    public static string? Missing { get; } = Repository.Root is null || !Directory.Exists(At(""))
        ? "no folder shared/reports lies beside the repository"
        : null;

    /// <summary>A file among them.</summary>
    public static string At(string name) => Path.GetFullPath(Path.Combine(Repository.Root!, "..", "shared", "reports", name));
}

/// <summary>A test on those inputs; skipped where they are missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ReportFactAttribute : FactAttribute
{
    public ReportFactAttribute() => Skip = Reports.Missing;
}

namespace OrleansAlign.Tests;

/// <summary>The sources that the tests were built from, found by walking up from the test assembly.</summary>
internal static class Repository
{
    /// <summary>The root; null where the tests run without their sources.</summary>
    public static string? Root { get; } = Find();

    /// <summary>A path under the root.</summary>
    public static string At(params string[] parts) => Path.Combine([Root!, .. parts]);

    private static string? Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "OrleansAlign.sln"))) return folder.FullName;
        }

        return null;
    }
}

/// <summary>A test that reads the sources; skipped where they are not beside the tests.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SourceFactAttribute : FactAttribute
{
    public SourceFactAttribute()
    {
        if (Repository.Root is null) Skip = "no folder above the tests holds OrleansAlign.sln, so the sources are not there";
    }
}

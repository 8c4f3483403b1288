namespace OrleansAlign.Core.Tests.Data;

/// <summary>Finds data that is not part of the project: shared/data beside the repository, or the folder that ALIGN_DATA names.</summary>
internal static class SharedData
{
    public static string? Find(string file)
    {
        if (Environment.GetEnvironmentVariable("ALIGN_DATA") is { Length: > 0 } given) return Existing(Path.Combine(given, file));
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (Existing(Path.Combine(folder.FullName, "shared", "data", file)) is { } path) return path;
        }

        return null;
    }

    private static string? Existing(string path) => File.Exists(path) ? path : null;
}

/// <summary>A fact about a file that may be absent, in which case it is skipped and says why.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SharedDataFactAttribute : FactAttribute
{
    public SharedDataFactAttribute(string file)
    {
        if (SharedData.Find(file) is null) Skip = $"{file} is not here; set ALIGN_DATA to the folder that has it";
    }
}

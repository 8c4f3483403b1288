namespace OrleansAlign.Silo.Checks;

/// <summary>Tries whether a folder can be written to.</summary>
public static class StorageProbe
{
    /// <summary>Writes a small file, reads it back and deletes it.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">The silo's name; it keeps the probes of silos that share the folder apart.</param>
    /// <returns>What went wrong; null if nothing did.</returns>
    public static string? Problem(string folder, string name)
    {
        string file = Path.Combine(folder, $".align-probe-{name}");
        try
        {
            File.WriteAllText(file, name);
            string read = File.ReadAllText(file);
            File.Delete(file);
            return read == name ? null : $"{file} was read back with other content than it was written with";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return error.Message.TrimEnd('.');
        }
    }
}

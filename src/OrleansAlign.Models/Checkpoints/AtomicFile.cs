using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrleansAlign.Models.Checkpoints;

/// <summary>Writes a file aside and renames it, so that a reader sees the old file or the new one, never half of one.</summary>
internal static class AtomicFile
{
    private static readonly JsonSerializerOptions indented = new() { WriteIndented = true };

    /// <summary>Writes an indented JSON file.</summary>
    public static void Write(string path, JsonObject json) => Write(path, stream => JsonSerializer.Serialize(stream, json, indented));

    /// <summary>Writes, flushes to the disk, renames over <paramref name="path"/>; on failure the half-written file is removed and the old one
    /// stands.</summary>
    public static void Write(string path, Action<Stream> write)
    {
        // A name of its own per writer: two processes on shared storage may save the same policy at the same time.
        string aside = $"{path}.{Guid.NewGuid():N}.partial";
        try
        {
            using (var stream = new FileStream(aside, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 20))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(aside, path, overwrite: true);
        }
        finally
        {
            File.Delete(aside);
        }
    }
}

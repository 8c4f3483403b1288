namespace OrleansAlign.Models.Checkpoints;

/// <summary>Writes a file aside and renames it, so that a reader sees the old file or the new one, never half of one.</summary>
internal static class AtomicFile
{
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

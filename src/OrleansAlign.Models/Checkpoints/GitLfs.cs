namespace OrleansAlign.Models.Checkpoints;

/// <summary>Recognises the small text that Git leaves in place of a large file when Git LFS has not fetched it.</summary>
public static class GitLfs
{
    private static ReadOnlySpan<byte> Beginning => "version https://git-lfs.github.com/spec/"u8;

    /// <summary>Refuses a file whose content is a pointer.</summary>
    /// <param name="path">The file, for the message.</param>
    /// <param name="content">Its bytes, or the first of them.</param>
    /// <exception cref="InvalidDataException">It is a pointer.</exception>
    public static void Refuse(string path, ReadOnlySpan<byte> content)
    {
        if (!content.StartsWith(Beginning)) return;
        throw new InvalidDataException(
            $"{path}: it is a Git LFS pointer, which stands in place of the file itself; run git lfs pull in the folder it was cloned to");
    }

    /// <summary>Refuses a stream whose first eight bytes were read already, and returns to the place after them.</summary>
    internal static void Refuse(string path, Stream stream, ReadOnlySpan<byte> start)
    {
        if (!Beginning.StartsWith(start)) return;
        Span<byte> content = stackalloc byte[Beginning.Length];
        start.CopyTo(content);
        int read = stream.ReadAtLeast(content[start.Length..], content.Length - start.Length, throwOnEndOfStream: false);
        Refuse(path, content[..(start.Length + read)]);
        stream.Position = start.Length;
    }
}

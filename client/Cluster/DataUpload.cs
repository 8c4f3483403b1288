using System.Security.Cryptography;
using OrleansAlign.Core.Ports;
using OrleansAlign.Grains.Contracts;

namespace OrleansAlign.Client.Cluster;

/// <summary>Sends files to a cluster, in pieces, each content once: what is there already is not sent again, and what was begun is gone on with.</summary>
/// <param name="grains">The way to the cluster.</param>
/// <param name="calls">Makes the calls.</param>
internal sealed class DataUpload(IGrainFactory grains, ClusterCalls calls)
{
    private const int PieceSize = 1 << 20;

    /// <summary>Sends what is missing.</summary>
    /// <param name="files">Where files lie, by the path that the recipe gives them.</param>
    /// <param name="progress">Who watches.</param>
    /// <param name="cancel">Ends the work early.</param>
    public async Task<IReadOnlyList<SubmittedFile>> SendAsync(IReadOnlyDictionary<string, string> files, IProgress<RunEvent> progress, CancellationToken cancel)
    {
        SubmittedFile[] submitted = [.. files.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => new SubmittedFile(f.Key, HashOf(f.Value)))];
        List<(IUploadGrain Upload, string File, UploadState State)> missing = [];
        foreach (SubmittedFile file in submitted.DistinctBy(f => f.Sha256))
        {
            IUploadGrain upload = grains.GetGrain<IUploadGrain>(GrainKeys.Upload(file.Sha256));
            UploadState state = await calls.AskAsync("upload.state", upload.StateAsync, cancel).ConfigureAwait(false);
            if (!state.IsComplete) missing.Add((upload, files[file.Path], state));
        }

        long total = missing.Sum(m => new FileInfo(m.File).Length), done = missing.Sum(m => m.State.Length);
        foreach ((IUploadGrain upload, string file, UploadState state) in missing)
        {
            await SendAsync(upload, file, state, sent => progress.Report(new RunEvent.Advanced("upload", done += sent, total, "bytes")), cancel).ConfigureAwait(false);
        }

        return submitted;
    }

    private async Task SendAsync(IUploadGrain upload, string file, UploadState state, Action<long> sent, CancellationToken cancel)
    {
        using FileStream content = File.OpenRead(file);
        byte[] buffer = new byte[PieceSize];
        while (!state.IsComplete && state.Length < content.Length)
        {
            long offset = content.Position = state.Length;
            int length = await content.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancel).ConfigureAwait(false);
            byte[] piece = buffer[..length];
            state = await calls.AskAsync("upload.append", () => upload.AppendAsync(offset, piece), cancel).ConfigureAwait(false);
            sent(state.Length - offset);
        }

        if (!state.IsComplete) await calls.AskAsync("upload.complete", upload.CompleteAsync, cancel).ConfigureAwait(false);
    }

    private static string HashOf(string path)
    {
        using FileStream file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }
}

using System.Security.Cryptography;
using OrleansAlign.Core.Ports;
using OrleansAlign.Grains.Contracts;

namespace OrleansAlign.Client.Cluster;

/// <summary>
/// Sends files to a cluster in pieces. Files are named by their content: one that the cluster has is not sent again, and an interrupted one is continued.
/// </summary>
/// <param name="grains">The cluster's grains.</param>
/// <param name="calls">Makes the calls.</param>
internal sealed class DataUpload(IGrainFactory grains, ClusterCalls calls)
{
    private const int PieceSize = 1 << 20;

    /// <summary>Sends the files that the cluster lacks.</summary>
    /// <param name="files">Files on this machine, by their path in the recipe.</param>
    /// <param name="progress">Takes the progress, in bytes.</param>
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
            await SendAsync(upload, file, state, Report, cancel).ConfigureAwait(false);
        }

        return submitted;

        void Report(long sent) => progress.Report(new RunEvent.Advanced("upload", done += sent, total, "bytes"));
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

using System.Security.Cryptography;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Grains.Hosting;

namespace OrleansAlign.Grains.Data;

/// <summary>Keeps an uploaded file's content under its hash; a piece is on the shared storage when its call returns.</summary>
internal sealed class UploadGrain(GrainHostOptions options) : Grain, IUploadGrain
{
    private const int LargestPiece = 1 << 20;

    private string Sha256 => GrainKeys.NameOf(this.GetPrimaryKeyString());

    private string Target => options.Upload(Sha256);

    private string Aside => Target + ".uploading";

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (Sha256.Length == 64 && Sha256.All(char.IsAsciiHexDigitLower)) return Task.CompletedTask;
        throw new RunRefusedException($"\"{Sha256}\" is no SHA-256 in lower-case hexadecimal");
    }

    /// <inheritdoc/>
    public Task<UploadState> StateAsync() => Task.FromResult(State());

    /// <inheritdoc/>
    public async Task<UploadState> AppendAsync(long offset, byte[] piece)
    {
        UploadState state = State();
        if (state.IsComplete || offset != state.Length) return state;
        if (piece.Length > LargestPiece) throw new RunRefusedException($"a piece of {piece.Length} bytes; at most {LargestPiece} travel at once");
        Directory.CreateDirectory(Path.GetDirectoryName(Target)!);
        FileStream file = new(Aside, FileMode.Append, FileAccess.Write, FileShare.Read);
        await using (file) await file.WriteAsync(piece);
        return State();
    }

    /// <inheritdoc/>
    public async Task CompleteAsync()
    {
        if (File.Exists(Target)) return;
        Directory.CreateDirectory(Path.GetDirectoryName(Target)!);
        string hash;
        FileStream file = new(Aside, FileMode.OpenOrCreate, FileAccess.Read);
        await using (file) hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(file));
        if (hash != Sha256)
        {
            File.Delete(Aside);
            throw new RunRefusedException($"the content uploaded as {Sha256} hashes to {hash}; upload it again");
        }

        File.Move(Aside, Target, overwrite: true);
        DeactivateOnIdle();
    }

    private UploadState State() => File.Exists(Target)
        ? new UploadState(new FileInfo(Target).Length, true)
        : new UploadState(File.Exists(Aside) ? new FileInfo(Aside).Length : 0, false);
}

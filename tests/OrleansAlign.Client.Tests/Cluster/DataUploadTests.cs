using System.Security.Cryptography;
using OrleansAlign.Core.Ports;
using OrleansAlign.Client.Cluster;
using OrleansAlign.Client.Terminal;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Grains.Tests.Remote;
using OrleansAlign.Tests;

namespace OrleansAlign.Client.Tests.Cluster;

public sealed class DataUploadTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("align-upload-").FullName;
    private readonly Dictionary<string, Upload> uploads = [];
    private readonly List<RunEvent> told = [];

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_file_arrives_in_pieces_of_a_mebibyte()
    {
        byte[] content = Bytes(2_500_000);

        SubmittedFile file = Assert.Single(await SendAsync(("data/d.jsonl", content)));

        Upload upload = Assert.Single(uploads).Value;
        Assert.Equal(("data/d.jsonl", Convert.ToHexStringLower(SHA256.HashData(content))), (file.Path, file.Sha256));
        Assert.Equal(content, upload.Content);
        Assert.Equal([1 << 20, 1 << 20, 2_500_000 - (1 << 21)], upload.Pieces);
        Assert.True(upload.IsComplete);
        Assert.Equal([1L << 20, 1L << 21, 2_500_000], told.Cast<RunEvent.Advanced>().Select(e => e.Done));
        Assert.All(told.Cast<RunEvent.Advanced>(), e => Assert.Equal(("upload", 2_500_000, "bytes"), (e.Activity, e.Total, e.Unit)));
    }

    [Fact]
    public async Task What_is_there_is_not_sent_again()
    {
        byte[] content = Bytes(1000);
        await SendAsync(("a", content));
        told.Clear();

        await SendAsync(("b", content), ("c", content));

        Assert.Equal([1000], Assert.Single(uploads).Value.Pieces);
        Assert.Empty(told);
    }

    [Fact]
    public async Task What_was_begun_is_gone_on_with()
    {
        byte[] content = Bytes(1_500_000);
        Begin(content).Content.AddRange(content[..1_200_000]);

        await SendAsync(("a", content));

        Assert.Equal(content, uploads.Values.Single().Content);
        Assert.Equal([300_000], uploads.Values.Single().Pieces);
        Assert.Equal([1_500_000L], told.Cast<RunEvent.Advanced>().Select(e => e.Done));
    }

    [Fact]
    public async Task A_piece_whose_answer_was_lost_is_not_there_twice()
    {
        byte[] content = Bytes(1_500_000);
        Begin(content).LostAnswers = 1;

        await SendAsync(("a", content));

        Assert.Equal(content, uploads.Values.Single().Content);
    }

    [Fact]
    public async Task An_empty_file_is_uploaded_too()
    {
        await SendAsync(("a", []));

        Assert.True(uploads.Values.Single().IsComplete);
    }

    [Fact]
    public async Task A_refusal_is_told_in_its_own_words()
    {
        byte[] content = Bytes(10);
        Begin(content).Refusal = "the content hashes to something else; upload it again";

        Assert.Equal(
            "the content hashes to something else; upload it again", (await Assert.ThrowsAsync<BadInputException>(() => SendAsync(("a", content)))).Message);
    }

    private Upload Begin(byte[] content) => uploads[GrainKeys.Upload(Convert.ToHexStringLower(SHA256.HashData(content)))] = new Upload();

    private async Task<IReadOnlyList<SubmittedFile>> SendAsync(params (string Path, byte[] Content)[] files)
    {
        foreach ((string path, byte[] content) in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, path))!);
            await File.WriteAllBytesAsync(Path.Combine(folder, path), content);
        }

        IGrainFactory grains = FakeGrains.Of((_, key) => uploads.TryGetValue(key, out Upload? known) ? known : uploads[key] = new Upload());
        var progress = new Immediate(told.Add);
        return await new DataUpload(grains, new ClusterCalls(grains, new HurriedTime())).SendAsync(
            files.ToDictionary(f => f.Path, f => Path.Combine(folder, f.Path)), progress, CancellationToken.None);
    }

    private static byte[] Bytes(int count) => [.. Enumerable.Range(0, count).Select(i => (byte)(i * 31 >> 3))];

    private sealed class Upload : IUploadGrain
    {
        public List<byte> Content { get; } = [];

        public List<int> Pieces { get; } = [];

        public bool IsComplete { get; private set; }

        public int LostAnswers { get; set; }

        public string? Refusal { get; set; }

        private UploadState State => new(Content.Count, IsComplete);

        public Task<UploadState> StateAsync() => Task.FromResult(State);

        public Task<UploadState> AppendAsync(long offset, byte[] piece)
        {
            if (offset == Content.Count)
            {
                Pieces.Add(piece.Length);
                Content.AddRange(piece);
            }

            return LostAnswers-- > 0 ? Task.FromException<UploadState>(new TimeoutException("no answer")) : Task.FromResult(State);
        }

        public Task CompleteAsync()
        {
            if (Refusal is not null) return Task.FromException(new RunRefusedException(Refusal));
            IsComplete = true;
            return Task.CompletedTask;
        }
    }
}

/// <summary>Reports on the caller's thread, unlike <see cref="Progress{T}"/>.</summary>
internal sealed class Immediate(Action<RunEvent> hear) : IProgress<RunEvent>
{
    public void Report(RunEvent value) => hear(value);
}

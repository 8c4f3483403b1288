using OrleansAlign.Models.Tokenizers;

namespace OrleansAlign.Models.Tests.Tokenizers;

/// <summary>A tokenizer saved into a folder of its own, which goes when the test ends.</summary>
internal sealed class Saved : IDisposable
{
    private static int count;

    public Saved(Tokenizer tokenizer)
    {
        Path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"tokenizer-{Environment.ProcessId}-{Interlocked.Increment(ref count)}");
        tokenizer.Save(Path);
    }

    public string Path { get; }

    public byte[] Read(string name) => File.ReadAllBytes(System.IO.Path.Combine(Path, name));

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

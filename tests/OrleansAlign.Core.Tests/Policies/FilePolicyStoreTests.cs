using OrleansAlign.Core.Policies;
using OrleansAlign.Models.Checkpoints;

namespace OrleansAlign.Core.Tests.Policies;

public sealed class FilePolicyStoreTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("align-store-").FullName;
    private readonly FilePolicyStore store;

    public FilePolicyStoreTests()
    {
        store = new FilePolicyStore(Path.Combine(root, "policies"));
        Directory.CreateDirectory(Tokenizer);
        File.WriteAllText(Path.Combine(Tokenizer, "tokenizer.json"), "{}");
        File.WriteAllText(Path.Combine(Tokenizer, "notes.txt"), "not a tokenizer's");
    }

    public void Dispose() => Directory.Delete(root, recursive: true);

    private string Tokenizer => Path.Combine(root, "tokenizer");

    [Fact]
    public void A_policy_is_found_by_the_hash_of_its_weights_with_its_tokenizer()
    {
        string hash = store.Add(Weights(1), Tokenizer);

        Assert.Equal(hash, Weights(1).Hash());
        Assert.Equal(hash, Checkpoint.Load(store.Folder(hash)).Hash());
        Assert.Superset(new HashSet<string> { "config.json", "model.safetensors", "tokenizer.json" }, Names(store.Folder(hash)));
        Assert.DoesNotContain("notes.txt", Names(store.Folder(hash)));
    }

    [Fact]
    public void Named_chat_templates_travel_with_a_policy()
    {
        Directory.CreateDirectory(Path.Combine(Tokenizer, "additional_chat_templates"));
        File.WriteAllText(Path.Combine(Tokenizer, "additional_chat_templates", "tool_use.jinja"), "tools");

        string hash = store.Add(Weights(1), Tokenizer);

        Assert.Equal("tools", File.ReadAllText(Path.Combine(store.Folder(hash), "additional_chat_templates", "tool_use.jinja")));
    }

    [Fact]
    public void A_folder_that_a_killed_process_left_half_written_is_no_policy_and_is_written_anew()
    {
        string hash = Weights(1).Hash(), aside = Path.Combine(root, "policies", hash + ".writing");
        Directory.CreateDirectory(aside);
        File.WriteAllText(Path.Combine(aside, "model.safetensors"), "half");
        File.WriteAllText(Path.Combine(aside, "tokenizer.json"), "half");
        Assert.Throws<InvalidDataException>(() => store.Folder(hash));

        store.Add(Weights(1), Tokenizer);

        Assert.Equal(hash, Checkpoint.Load(store.Folder(hash)).Hash());
        Assert.Equal("{}", File.ReadAllText(Path.Combine(store.Folder(hash), "tokenizer.json")));
        Assert.Equal([hash], Directory.GetDirectories(Path.Combine(root, "policies")).Select(d => Path.GetFileName(d)));
    }

    [Fact]
    public void Writing_twice_is_writing_once()
    {
        string hash = store.Add(Weights(1), Tokenizer);
        DateTime written = File.GetLastWriteTimeUtc(Path.Combine(store.Folder(hash), "model.safetensors"));

        Assert.Equal(hash, store.Add(Weights(1), Tokenizer));

        Assert.Equal(written, File.GetLastWriteTimeUtc(Path.Combine(store.Folder(hash), "model.safetensors")));
    }

    [Fact]
    public async Task Many_that_add_the_same_policy_at_once_all_succeed()
    {
        for (ulong seed = 1; seed <= 20; seed++)
        {
            using var together = new Barrier(4);
            string[] hashes = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
            {
                ModelWeights weights = Weights(seed);
                together.SignalAndWait();
                return new FilePolicyStore(Path.Combine(root, "policies")).Add(weights, Tokenizer);
            })));

            string hash = Assert.Single(hashes.Distinct());
            Assert.Equal(hash, Checkpoint.Load(store.Folder(hash)).Hash());
        }

        Assert.Equal(20, Directory.GetDirectories(Path.Combine(root, "policies")).Length);
    }

    [Fact]
    public void An_unknown_policy_is_named() =>
        Assert.Contains("there is no policy abc", Assert.Throws<InvalidDataException>(() => store.Folder("abc")).Message, StringComparison.Ordinal);

    private static HashSet<string> Names(string folder) => [.. Directory.GetFiles(folder).Select(f => Path.GetFileName(f)!)];

    private static ModelWeights Weights(ulong seed) => ModelWeights.Initialize(
        new ModelConfig
        {
            Architecture = Architecture.Llama, HiddenSize = 8, IntermediateSize = 8, Layers = 1, Heads = 1, KeyValueHeads = 1, HeadSize = 8,
            VocabularySize = 16, ContextLength = 16, TiedEmbeddings = true,
        },
        seed);
}

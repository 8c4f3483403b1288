using OrleansAlign.Models.Checkpoints;

namespace OrleansAlign.Models.Tests.Checkpoints;

public sealed class CheckpointTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("align-checkpoint").FullName;

    public void Dispose() => Directory.Delete(directory, recursive: true);

    public static TheoryData<string> Models => [.. Fixtures.ModelsWith("model.safetensors").Keys];

    internal static ModelConfig Tiny { get; } = new()
    {
        Architecture = Architecture.Llama,
        HiddenSize = 4,
        IntermediateSize = 6,
        Layers = 1,
        Heads = 2,
        KeyValueHeads = 1,
        HeadSize = 2,
        VocabularySize = 5,
        ContextLength = 8,
        BosTokenId = 1,
        EosTokenIds = [2, 3],
    };

    [Theory]
    [MemberData(nameof(Models))]
    public void A_published_layout_comes_back_to_the_bit_after_saving(string model)
    {
        ModelWeights weights = Checkpoint.Load(Fixtures.ModelsWith("model.safetensors")[model]);
        string copy = Path.Combine(directory, "copy");
        Checkpoint.Save(weights, copy);
        ModelWeights again = Checkpoint.Load(copy);
        Assert.Equal(weights.Hash(), again.Hash());
        Assert.Equal(weights.Config with { EosTokenIds = [] }, again.Config with { EosTokenIds = [] });
        Assert.Equal(weights.Config.EosTokenIds, again.Config.EosTokenIds);
    }

    [Fact]
    public void Shards_hold_what_one_file_holds()
    {
        ModelWeights weights = ModelWeights.Initialize(Tiny, 1);
        string whole = Path.Combine(directory, "whole"), cut = Path.Combine(directory, "cut");
        Checkpoint.Save(weights, whole);
        Checkpoint.Save(weights, cut, maxShardBytes: 100);
        Assert.True(Directory.GetFiles(cut, "model-*-of-*.safetensors").Length > 3);
        Assert.False(File.Exists(Path.Combine(cut, Checkpoint.WeightsFileName)));
        Assert.Equal(Checkpoint.Load(whole).Hash(), Checkpoint.Load(cut).Hash());
        Assert.Equal(weights.Hash(), Checkpoint.Load(cut).Hash());
    }

    [Fact]
    public void Saving_over_a_checkpoint_removes_the_weights_it_supersedes_and_nothing_else()
    {
        File.WriteAllText(Path.Combine(directory, "tokenizer.json"), "{}");
        File.WriteAllText(Path.Combine(directory, "model-card.md"), "about");
        ModelWeights first = ModelWeights.Initialize(Tiny, 1), second = ModelWeights.Initialize(Tiny, 2), third = ModelWeights.Initialize(Tiny, 3);
        Checkpoint.Save(first, directory);
        Checkpoint.Save(second, directory, maxShardBytes: 100);
        Assert.Equal(second.Hash(), Checkpoint.Load(directory).Hash());
        Checkpoint.Save(third, directory);
        Assert.Equal(third.Hash(), Checkpoint.Load(directory).Hash());
        string[] left = [.. Directory.GetFiles(directory).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];
        Assert.Equal(["config.json", "generation_config.json", "model-card.md", "model.safetensors", "tokenizer.json"], left);
    }

    [Fact]
    public void A_failed_save_leaves_nothing_behind()
    {
        ModelWeights weights = ModelWeights.Initialize(Tiny with { QueryKeyNorm = true }, 1);
        ArgumentException error = Assert.Throws<ArgumentException>(() => Checkpoint.Save(weights, Path.Combine(directory, "new")));
        Assert.Contains("a Llama config.json cannot express", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_tied_model_may_carry_its_head_or_omit_it(bool contained)
    {
        ModelWeights weights = ModelWeights.Initialize(Tiny with { TiedEmbeddings = true }, 1);
        Checkpoint.Save(weights, directory);
        List<WeightTensor> tensors = [.. weights.Tensors];
        if (contained) tensors.Add(weights.Tensors[0] with { Name = "lm_head.weight" });
        SafeTensorsWriter.Write(Path.Combine(directory, Checkpoint.WeightsFileName), tensors);
        Assert.Equal(weights.Hash(), Checkpoint.Load(directory).Hash());
    }

    [Fact]
    public void A_tied_model_may_be_saved_under_its_head_s_name_alone()
    {
        ModelWeights weights = ModelWeights.Initialize(Tiny with { TiedEmbeddings = true }, 1);
        string path = Path.Combine(directory, "w.safetensors");
        SafeTensorsWriter.Write(path, [weights.Tensors[0] with { Name = "lm_head.weight" }, .. weights.Tensors.Skip(1)]);
        Assert.Equal(weights.Hash(), Checkpoint.LoadWeights(weights.Config, path).Hash());
        Assert.Contains(
            "model.embed_tokens.weight [5, 4] is missing",
            Assert.Throws<InvalidDataException>(() => Checkpoint.LoadWeights(Tiny, path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_head_beside_a_tied_embedding_is_refused()
    {
        ModelWeights weights = ModelWeights.Initialize(Tiny with { TiedEmbeddings = true }, 1);
        string path = Path.Combine(directory, "w.safetensors");
        float[] other = [.. weights.Tensors[0].Data];
        other[^1] += 1;
        SafeTensorsWriter.Write(path, [.. weights.Tensors, new WeightTensor("lm_head.weight", [5, 4], other)]);
        string message = Assert.Throws<InvalidDataException>(() => Checkpoint.LoadWeights(weights.Config, path)).Message;
        Assert.Contains("lm_head.weight differs from model.embed_tokens.weight", message, StringComparison.Ordinal);
        Assert.Contains("tie_word_embeddings", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rotary_buffers_are_passed_over_and_other_strangers_are_not()
    {
        ModelWeights weights = ModelWeights.Initialize(Tiny, 1);
        string path = Path.Combine(directory, "w.safetensors");
        SafeTensorsWriter.Write(path, [.. weights.Tensors, new WeightTensor("model.layers.0.self_attn.rotary_emb.inv_freq", [1], [1])]);
        Assert.Equal(weights.Hash(), Checkpoint.LoadWeights(Tiny, path).Hash());
        SafeTensorsWriter.Write(path, [.. weights.Tensors, new WeightTensor("model.layers.1.mlp.up_proj.weight", [1], [1])]);
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Checkpoint.LoadWeights(Tiny, path));
        Assert.Contains("model.layers.1.mlp.up_proj.weight belongs to no Llama with 1 layers", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_missing_tensor_is_named()
    {
        ModelWeights weights = ModelWeights.Initialize(Tiny, 1);
        string path = Path.Combine(directory, "w.safetensors");
        for (int i = 0; i < weights.Tensors.Count; i++)
        {
            SafeTensorsWriter.Write(path, [.. weights.Tensors.Where((_, j) => j != i)]);
            InvalidDataException error = Assert.Throws<InvalidDataException>(() => Checkpoint.LoadWeights(Tiny, path));
            Assert.Contains($"tensor {weights.Tensors[i].Name} ", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_wrong_shape_is_named_with_both_shapes()
    {
        ModelWeights weights = ModelWeights.Initialize(Tiny, 1);
        string path = Path.Combine(directory, "w.safetensors");
        SafeTensorsWriter.Write(path, weights.Tensors);
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Checkpoint.LoadWeights(Tiny with { IntermediateSize = 7 }, path));
        Assert.Contains("mlp.gate_proj.weight", error.Message, StringComparison.Ordinal);
        Assert.Contains("is [6, 4] where config.json means [7, 4]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_that_does_not_exist_is_named()
    {
        string nowhere = Path.Combine(directory, "nowhere");
        Assert.Contains(nowhere, Assert.Throws<DirectoryNotFoundException>(() => Checkpoint.Load(nowhere)).Message, StringComparison.Ordinal);
        Assert.Contains(nowhere, Assert.Throws<FileNotFoundException>(() => Checkpoint.LoadWeights(Tiny, nowhere)).Message, StringComparison.Ordinal);
        Assert.Contains(nowhere, Assert.Throws<FileNotFoundException>(() => ModelConfigFile.Read(nowhere)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("model.safetensors")]
    public void A_file_missing_from_the_directory_is_named(string file)
    {
        Checkpoint.Save(ModelWeights.Initialize(Tiny, 1), directory);
        File.Delete(Path.Combine(directory, file));
        Assert.Contains(file, Assert.Throws<InvalidDataException>(() => Checkpoint.Load(directory)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../outside.safetensors", "plain file name")]
    [InlineData("", "plain file name")]
    [InlineData("absent.safetensors", "does not exist")]
    [InlineData("model-00002-of-00003.safetensors", "no such tensor")]
    [InlineData(null, "must be a string")]
    public void An_index_that_lies_is_refused(string? file, string rule)
    {
        Checkpoint.Save(ModelWeights.Initialize(Tiny, 1), directory, maxShardBytes: 300);
        Assert.Equal(3, Directory.GetFiles(directory, "model-*-of-00003.safetensors").Length);
        string index = Path.Combine(directory, Checkpoint.IndexFileName);
        string value = file is null ? "null" : $"\"{file}\"";
        string text = File.ReadAllText(index).Replace("\"model.embed_tokens.weight\": \"model-00001-of-00003.safetensors\"",
            $"\"model.embed_tokens.weight\": {value}", StringComparison.Ordinal);
        File.WriteAllText(index, text);
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Checkpoint.Load(directory));
        Assert.Contains(rule, error.Message, StringComparison.Ordinal);
        Assert.Contains("model.embed_tokens.weight", error.Message, StringComparison.Ordinal);
    }
}

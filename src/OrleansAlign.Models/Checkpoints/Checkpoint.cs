using System.Text.Json.Nodes;

namespace OrleansAlign.Models.Checkpoints;

/// <summary>Loads and saves a model in Hugging Face layout: <c>config.json</c> with <c>model.safetensors</c>, whole or in shards.</summary>
public static class Checkpoint
{
    /// <summary>The single file of weights.</summary>
    public const string WeightsFileName = "model.safetensors";

    /// <summary>The index that names each tensor's shard.</summary>
    public const string IndexFileName = "model.safetensors.index.json";

    /// <summary>Loads a checkpoint; F32, BF16 and F16 become float32. Other files in the directory are ignored.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such directory.</exception>
    /// <exception cref="InvalidDataException">A file is missing or broken, or a tensor is missing, unknown or of another shape than
    /// <c>config.json</c> says.</exception>
    public static ModelWeights Load(string directory)
    {
        if (!Directory.Exists(directory))
        {
            throw new DirectoryNotFoundException($"{directory} is no directory; one with config.json and model.safetensors is expected there");
        }
        string configPath = Path.Combine(directory, ModelConfigFile.FileName);
        if (!File.Exists(configPath))
        {
            throw new InvalidDataException(
                $"{directory} has no config.json; a checkpoint in Hugging Face layout has one, fetch it from where the weights came from");
        }
        ModelConfig config = ModelConfigFile.Read(configPath);

        string single = Path.Combine(directory, WeightsFileName);
        if (File.Exists(single)) return LoadWeights(config, single);
        string index = Path.Combine(directory, IndexFileName);
        if (File.Exists(index)) return ShardedTensors.Load(config, index);
        throw new InvalidDataException(
            $"{directory} has neither {WeightsFileName} nor {IndexFileName}; weights in other formats must be converted to safetensors first");
    }

    /// <summary>Loads the weights of a known architecture from one safetensors file.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is broken, or a tensor is missing, unknown or of another shape.</exception>
    public static ModelWeights LoadWeights(ModelConfig config, string path)
    {
        using SafeTensorsFile file = SafeTensorsFile.Open(path);
        return TensorNames.Collect(config, path, file.Entries.Select(e => e.Name), _ => file);
    }

    /// <summary>Saves a checkpoint that <see cref="Load"/>, transformers, vLLM and llama.cpp's converter read.</summary>
    /// <remarks>
    /// A directory that does not exist yet appears whole or not at all: it is written aside and renamed. In one that exists, each file is replaced as
    /// a whole, the weights before their index and configuration, weights that the new ones supersede are removed, and other files (a tokenizer, say)
    /// stay.
    /// </remarks>
    /// <param name="weights">The model.</param>
    /// <param name="directory">Where to.</param>
    /// <param name="maxShardBytes">Most bytes of weights in one file; a larger model is cut into shards between tensors.</param>
    /// <exception cref="ArgumentException">The configuration cannot be expressed in <c>config.json</c>.</exception>
    public static void Save(ModelWeights weights, string directory, long maxShardBytes = 5_000_000_000)
    {
        string target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory));
        if (Directory.Exists(target))
        {
            WriteFiles(weights, target, maxShardBytes);
            return;
        }

        string aside = $"{target}.{Guid.NewGuid():N}.partial";
        Directory.CreateDirectory(aside);
        try
        {
            WriteFiles(weights, aside, maxShardBytes);
            Directory.Move(aside, target);
        }
        finally
        {
            if (Directory.Exists(aside)) Directory.Delete(aside, recursive: true);
        }
    }

    private static void WriteFiles(ModelWeights weights, string directory, long maxShardBytes)
    {
        HashSet<string> written = ShardedTensors.Save(weights.Tensors, directory, maxShardBytes);
        foreach (string stale in Directory.EnumerateFiles(directory, "model*.safetensors*")
            .Where(f => ShardedTensors.IsWeightsFile(Path.GetFileName(f))))
        {
            if (!written.Contains(Path.GetFileName(stale))) File.Delete(stale);
        }

        var generation = new JsonObject();
        ModelConfigFile.AddTokenIds(generation, weights.Config);
        AtomicFile.Write(Path.Combine(directory, ModelConfigFile.GenerationFileName), generation);
        ModelConfigFile.Write(weights.Config, Path.Combine(directory, ModelConfigFile.FileName));
    }
}

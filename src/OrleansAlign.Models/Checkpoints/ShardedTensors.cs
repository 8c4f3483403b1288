using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace OrleansAlign.Models.Checkpoints;

/// <summary>Weights spread over several safetensors files, with the index that says which tensor lies where.</summary>
internal static partial class ShardedTensors
{
    /// <summary>Loads a model by its index.</summary>
    /// <exception cref="InvalidDataException">The index or a shard is broken or missing, or a tensor is.</exception>
    public static ModelWeights Load(ModelConfig config, string indexPath)
    {
        ConfigFields index = ConfigFields.Parse(indexPath);
        ConfigFields map = index.Object("weight_map") ?? throw index.Broken("weight_map", "an index has an object of tensor name → file there");
        string directory = Path.GetDirectoryName(indexPath) ?? "";
        Dictionary<string, SafeTensorsFile> open = new(StringComparer.Ordinal);
        Dictionary<string, SafeTensorsFile> fileOf = new(StringComparer.Ordinal);
        try
        {
            foreach ((string tensor, string file) in map.Strings())
            {
                // An index must not reach outside of its directory.
                if (file.Length == 0 || file is "." or ".." || file.AsSpan().ContainsAny('/', '\\', '\0'))
                {
                    throw map.Broken(tensor, "a shard is a plain file name beside the index");
                }
                if (!open.TryGetValue(file, out SafeTensorsFile? shard))
                {
                    string path = Path.Combine(directory, file);
                    if (!File.Exists(path)) throw map.Broken(tensor, $"{path} does not exist; the checkpoint is incomplete, fetch the shard");
                    open[file] = shard = SafeTensorsFile.Open(path);
                }

                if (shard.Find(tensor) is null)
                {
                    throw map.Broken(tensor, $"{shard.Path} has no such tensor; index and shards are not of one checkpoint");
                }
                fileOf[tensor] = shard;
            }

            return TensorNames.Collect(config, indexPath, fileOf.Keys, name => fileOf[name]);
        }
        finally
        {
            foreach (SafeTensorsFile file in open.Values) file.Dispose();
        }
    }

    /// <summary>Writes one file, or shards and then their index.</summary>
    /// <returns>Names of the files written.</returns>
    public static HashSet<string> Save(IReadOnlyList<WeightTensor> tensors, string directory, long maxShardBytes)
    {
        List<List<WeightTensor>> shards = [[]];
        long filled = 0;
        foreach (WeightTensor tensor in tensors)
        {
            long bytes = (long)tensor.Data.Length * sizeof(float);
            if (shards[^1].Count > 0 && filled + bytes > maxShardBytes)
            {
                shards.Add([]);
                filled = 0;
            }

            shards[^1].Add(tensor);
            filled += bytes;
        }

        if (shards.Count == 1)
        {
            SafeTensorsWriter.Write(Path.Combine(directory, Checkpoint.WeightsFileName), tensors);
            return [Checkpoint.WeightsFileName];
        }

        HashSet<string> written = [Checkpoint.IndexFileName];
        Dictionary<string, string> map = new(StringComparer.Ordinal);
        for (int i = 0; i < shards.Count; i++)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"model-{i + 1:D5}-of-{shards.Count:D5}.safetensors");
            SafeTensorsWriter.Write(Path.Combine(directory, name), shards[i]);
            written.Add(name);
            foreach (WeightTensor tensor in shards[i]) map[tensor.Name] = name;
        }

        AtomicFile.Write(Path.Combine(directory, Checkpoint.IndexFileName), new JsonObject
        {
            ["metadata"] = new JsonObject { ["total_size"] = tensors.Sum(t => (long)t.Data.Length * sizeof(float)) },
            ["weight_map"] = new JsonObject(
                map.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => KeyValuePair.Create(m.Key, (JsonNode?)m.Value))),
        });
        return written;
    }

    /// <summary>Whether a file of that name is one that <see cref="Save"/> may have written: the single file, a shard or the index.</summary>
    public static bool IsWeightsFile(string name) =>
        name is Checkpoint.WeightsFileName or Checkpoint.IndexFileName || ShardName().IsMatch(name);

    [GeneratedRegex(@"^model-\d{5}-of-\d{5}\.safetensors$")]
    private static partial Regex ShardName();
}

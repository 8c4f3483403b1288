namespace OrleansAlign.Models.Checkpoints;

/// <summary>Which of a checkpoint's tensors belong to the model, and which are ignored.</summary>
internal static class TensorNames
{
    private const string Head = "lm_head.weight";
    private const string Embedding = "model.embed_tokens.weight";

    /// <summary>Buffers that old exporters saved and that follow from the configuration.</summary>
    private static readonly string[] ignoredEndings = ["rotary_emb.inv_freq", "rotary_emb.cos_cached", "rotary_emb.sin_cached"];

    /// <summary>Reads every tensor of the model, in its order.</summary>
    /// <param name="config">Names and shapes to expect.</param>
    /// <param name="place">File for messages.</param>
    /// <param name="present">Names of all tensors in the checkpoint.</param>
    /// <param name="fileOf">The open file that holds a present name.</param>
    /// <exception cref="InvalidDataException">One is missing, unknown or of another shape.</exception>
    public static ModelWeights Collect(ModelConfig config, string place, IEnumerable<string> present, Func<string, SafeTensorsFile> fileOf)
    {
        HashSet<string> names = new(present, StringComparer.Ordinal);
        List<(string Name, int[] Shape)> wanted = [.. config.TensorShapes()];
        HashSet<string> known = new(wanted.Select(w => w.Name), StringComparer.Ordinal);
        foreach (string name in names.Order(StringComparer.Ordinal))
        {
            if (!known.Contains(name) && !MayBeIgnored(name, config))
            {
                throw new InvalidDataException($"{place}: tensor {name} belongs to no {config.Architecture} with {config.Layers} layers; "
                    + "config.json describes another model than the weights, take both from one source");
            }
        }

        // A tied matrix may be saved under either of its names.
        string Stored(string name) => name == Embedding && config.TiedEmbeddings && !names.Contains(name) && names.Contains(Head) ? Head : name;

        // All names and shapes first: nothing is allocated for a checkpoint that cannot be loaded.
        foreach ((string wantedName, int[] shape) in wanted)
        {
            string name = Stored(wantedName);
            SafeTensorsEntry? entry = names.Contains(name) ? fileOf(name).Find(name) : null;
            if (entry is null)
            {
                string hint = name == Head ? "set tie_word_embeddings to true if the head is the embedding"
                    : "the checkpoint is incomplete, fetch all of it";
                throw new InvalidDataException($"{place}: tensor {name} [{string.Join(", ", shape)}] is missing; {hint}");
            }

            if (!entry.Shape.AsSpan().SequenceEqual(shape))
            {
                throw new InvalidDataException(
                    $"{fileOf(name).Path}: tensor {name} at data offset {entry.Begin} is [{string.Join(", ", entry.Shape)}] where config.json means "
                    + $"[{string.Join(", ", shape)}]; take both files from one source");
            }
        }

        if (config.TiedEmbeddings && names.Contains(Head) && names.Contains(Embedding)) RefuseOtherHead(fileOf);
        return new ModelWeights(config, [.. wanted.Select(w => fileOf(Stored(w.Name)).Read(Stored(w.Name)) with { Name = w.Name })]);
    }

    /// <summary>A head beside a tied embedding must be the embedding: programs differ in which of the two they would use.</summary>
    private static void RefuseOtherHead(Func<string, SafeTensorsFile> fileOf)
    {
        WeightTensor head = fileOf(Head).Read(Head), embedding = fileOf(Embedding).Read(Embedding);
        if (head.Shape.AsSpan().SequenceEqual(embedding.Shape) && head.Data.AsSpan().SequenceEqual(embedding.Data)) return;
        throw new InvalidDataException(
            $"{fileOf(Head).Path}: tensor {Head} differs from {Embedding}, but config.json has tie_word_embeddings: true, by which they are one; "
            + "set it to false to use both, or remove the tensor to use the embedding as the head");
    }

    private static bool MayBeIgnored(string name, ModelConfig config) =>
        (name == Head && config.TiedEmbeddings) || ignoredEndings.Any(e => name.EndsWith(e, StringComparison.Ordinal));
}

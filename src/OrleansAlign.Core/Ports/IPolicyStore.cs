using OrleansAlign.Models.Checkpoints;

namespace OrleansAlign.Core.Ports;

/// <summary>Policies as folders in Hugging Face layout, named by the hash of their weights; written once, never changed.</summary>
public interface IPolicyStore
{
    /// <summary>The folder of a policy: config.json, model.safetensors, tokenizer.json, tokenizer_config.json.</summary>
    /// <exception cref="InvalidDataException">The store has no policy of this hash.</exception>
    string Folder(string policy);

    /// <summary>Whether the store has a policy.</summary>
    bool Has(string policy);

    /// <summary>Writes a policy with a copy of a tokenizer's files; does nothing if the store has the policy.</summary>
    /// <param name="weights">Its weights.</param>
    /// <param name="tokenizerFolder">Folder that tokenizer files are copied from.</param>
    /// <returns>Hash of the policy.</returns>
    string Add(ModelWeights weights, string tokenizerFolder);
}

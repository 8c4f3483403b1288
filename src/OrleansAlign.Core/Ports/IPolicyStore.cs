using OrleansAlign.Models.Checkpoints;

namespace OrleansAlign.Core.Ports;

/// <summary>Policies as folders in Hugging Face layout, named by the hash of their weights; written once, never changed.</summary>
public interface IPolicyStore
{
    /// <summary>The folder of a policy: config.json, model.safetensors, tokenizer.json, tokenizer_config.json.</summary>
    /// <exception cref="InvalidDataException">There is none of that hash.</exception>
    string Folder(string policy);

    /// <summary>Writes a policy beside an existing one's tokenizer; nothing is done if it is there.</summary>
    /// <param name="weights">Its weights.</param>
    /// <param name="tokenizerFolder">Folder that tokenizer files are copied from.</param>
    /// <returns>Its hash.</returns>
    string Add(ModelWeights weights, string tokenizerFolder);
}

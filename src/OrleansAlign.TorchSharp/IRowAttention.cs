using TorchSharp;

namespace OrleansAlign.TorchSharp;

/// <summary>How rows see each other: within packed sequences, or through a cache.</summary>
internal interface IRowAttention
{
    /// <summary>softmax(q kᵀ / √D) v of each row over what it may see.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="queries">[N, H, D], rotated.</param>
    /// <param name="keys">[N, KV, D], rotated.</param>
    /// <param name="values">[N, KV, D].</param>
    /// <returns>[N, H · D].</returns>
    torch.Tensor Attend(int layer, torch.Tensor queries, torch.Tensor keys, torch.Tensor values);
}

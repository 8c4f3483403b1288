using TorchSharp;

namespace OrleansAlign.TorchSharp;

/// <summary>Attention between rows: within packed sequences, or through a cache.</summary>
internal interface IRowAttention
{
    /// <summary>softmax(q kᵀ / √D) v of each row over its visible keys.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="queries">[N, H, D], rotated.</param>
    /// <param name="keys">[N, KV, D], rotated.</param>
    /// <param name="values">[N, KV, D].</param>
    /// <returns>[N, H · D].</returns>
    torch.Tensor Attend(int layer, torch.Tensor queries, torch.Tensor keys, torch.Tensor values);
}

using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Models.Checkpoints;

/// <summary>A named float32 tensor, row-major.</summary>
/// <param name="Name">Its Hugging Face name.</param>
/// <param name="Shape">Sizes, outermost first.</param>
/// <param name="Data">Values; length is the product of the sizes.</param>
public sealed record WeightTensor(string Name, int[] Shape, float[] Data);

/// <summary>A model at rest: its configuration and every weight, in the order of <see cref="ModelConfig.TensorShapes"/>.</summary>
public sealed class ModelWeights
{
    /// <summary>Takes the tensors as they are (not copied).</summary>
    /// <exception cref="ArgumentException">A tensor is missing, superfluous, out of order or of another shape.</exception>
    public ModelWeights(ModelConfig config, IReadOnlyList<WeightTensor> tensors)
    {
        int i = 0;
        foreach ((string name, int[] shape) in config.TensorShapes())
        {
            if (i >= tensors.Count) throw new ArgumentException($"tensor {name} is missing", nameof(tensors));
            WeightTensor tensor = tensors[i++];
            if (tensor.Name != name || !tensor.Shape.AsSpan().SequenceEqual(shape) || tensor.Data.Length != shape.Aggregate(1, (p, s) => p * s))
            {
                throw new ArgumentException(
                    $"tensor {i - 1} is {tensor.Name} [{string.Join(", ", tensor.Shape)}] where {name} [{string.Join(", ", shape)}] belongs", nameof(tensors));
            }
        }

        if (i != tensors.Count) throw new ArgumentException($"{tensors.Count - i} tensors too many, from {tensors[i].Name} on", nameof(tensors));
        Config = config;
        Tensors = tensors;
    }

    /// <summary>Architecture and sizes.</summary>
    public ModelConfig Config { get; }

    /// <summary>All weights.</summary>
    public IReadOnlyList<WeightTensor> Tensors { get; }

    /// <summary>New weights: norms 1, biases 0, matrices normal with deviation <paramref name="deviation"/>, the two projections that write
    /// to the residual stream divided by √(2L) (GPT-2's rule). A pure function of its arguments.</summary>
    public static ModelWeights Initialize(ModelConfig config, ulong seed, double deviation = 0.02)
    {
        List<WeightTensor> tensors = [];
        foreach ((string name, int[] shape) in config.TensorShapes())
        {
            float[] data = new float[shape.Aggregate(1, (p, s) => p * s)];
            if (shape.Length == 1)
            {
                if (!name.EndsWith("bias", StringComparison.Ordinal)) Array.Fill(data, 1f);
            }
            else
            {
                bool residual = name.Contains("o_proj", StringComparison.Ordinal) || name.Contains("down_proj", StringComparison.Ordinal);
                double scale = residual ? deviation / Math.Sqrt(2.0 * config.Layers) : deviation;
                ulong tensorSeed = CounterRandom.Derive(seed, name);
                for (int i = 0; i < data.Length; i++) data[i] = (float)(CounterRandom.Normal(tensorSeed, (ulong)i) * scale);
            }

            tensors.Add(new WeightTensor(name, shape, data));
        }

        return new ModelWeights(config, tensors);
    }

    /// <summary>SHA-256 over names, shapes and values, as 64 lower-case hexadecimal digits: the policy's name wherever it is recorded.</summary>
    public string Hash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (WeightTensor tensor in Tensors)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{tensor.Name}[{string.Join(',', tensor.Shape)}]\n"));
            hash.AppendData(MemoryMarshal.AsBytes(tensor.Data.AsSpan()));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

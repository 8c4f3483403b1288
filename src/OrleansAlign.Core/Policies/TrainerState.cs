using System.Security.Cryptography;
using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Engines;

namespace OrleansAlign.Core.Policies;

/// <summary>The state from which training resumes: weights, AdamW's moments and step count, in one safetensors file, written aside and renamed.</summary>
/// <remarks>
/// The file's name ends with the SHA-256 of its bytes, so the ledger's row that names the file also holds the file's hash. Files that earlier
/// versions of the program wrote have no hash in their names and are read unchecked.
/// </remarks>
public static class TrainerState
{
    private const string Weight = "weight/", First = "first-moment/", Second = "second-moment/", Step = "step";

    private const string Extension = ".safetensors";

    /// <summary>Writes a trainer's state.</summary>
    /// <param name="folder">An existing folder.</param>
    /// <param name="name">The file's name without hash and extension.</param>
    /// <param name="weights">The weights.</param>
    /// <param name="optimizer">Moments and step count.</param>
    /// <returns>The file's name in the folder: <c>name-HASH.safetensors</c>.</returns>
    public static string Write(string folder, string name, ModelWeights weights, OptimizerState optimizer)
    {
        List<WeightTensor> tensors = [new WeightTensor(Step, [1], [optimizer.Step])];
        for (int i = 0; i < weights.Tensors.Count; i++)
        {
            (string tensor, int[] shape, float[] data) = weights.Tensors[i];
            tensors.Add(new WeightTensor(Weight + tensor, shape, data));
            tensors.Add(new WeightTensor(First + tensor, shape, optimizer.FirstMoments[i]));
            tensors.Add(new WeightTensor(Second + tensor, shape, optimizer.SecondMoments[i]));
        }

        string aside = Path.Combine(folder, $"{name}.unnamed");
        SafeTensorsWriter.Write(aside, tensors);
        string file = $"{name}-{HashOf(aside)}{Extension}";
        File.Move(aside, Path.Combine(folder, file), overwrite: true);
        return file;
    }

    /// <summary>Reads a trainer's state.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is broken, was changed, or belongs to another model.</exception>
    public static (ModelWeights Weights, OptimizerState Optimizer) Read(string path, ModelConfig config)
    {
        if (!File.Exists(path)) throw new FileNotFoundException($"{path}: there is no such file; a trainer's state belongs there");
        ThrowIfChanged(path);
        using SafeTensorsFile file = SafeTensorsFile.Open(path);
        string[] names = [.. config.TensorShapes().Select(t => t.Name)];
        ModelWeights weights;
        try
        {
            weights = new ModelWeights(config, [.. names.Select(name => file.Read(Weight + name) with { Name = name })]);
        }
        catch (ArgumentException error)
        {
            throw new InvalidDataException($"{path}: the state of another model ({error.Message})", error);
        }

        var optimizer = new OptimizerState(
            (int)file.Read(Step).Data[0], [.. names.Select(name => file.Read(First + name).Data)], [.. names.Select(name => file.Read(Second + name).Data)]);
        return (weights, optimizer);
    }

    /// <summary>Compares the file's bytes with the hash in its name, if there is one.</summary>
    private static void ThrowIfChanged(string path)
    {
        string name = Path.GetFileNameWithoutExtension(path);
        if (name.LastIndexOf('-') is not (>= 0 and var dash) || name[(dash + 1)..] is not { Length: 64 } expected) return;
        string found = HashOf(path);
        if (found == expected) return;
        throw new InvalidDataException(
            $"{path}: the trainer's state hashes to {found[..12]}…, its name says {expected[..12]}…: it was damaged or changed; "
            + "put the old file back, or delete it: training then begins again from the start of its stage or round, with the same result");
    }

    private static string HashOf(string path)
    {
        using FileStream content = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(content));
    }
}

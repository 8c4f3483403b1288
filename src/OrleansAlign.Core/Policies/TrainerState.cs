using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Engines;

namespace OrleansAlign.Core.Policies;

/// <summary>The state from which training resumes: weights, AdamW's moments and step count, in one safetensors file, written aside and renamed.</summary>
public static class TrainerState
{
    private const string Weight = "weight/", First = "first-moment/", Second = "second-moment/", Step = "step";

    /// <summary>Writes a trainer's state.</summary>
    public static void Write(string path, ModelWeights weights, OptimizerState optimizer)
    {
        List<WeightTensor> tensors = [new WeightTensor(Step, [1], [optimizer.Step])];
        for (int i = 0; i < weights.Tensors.Count; i++)
        {
            (string name, int[] shape, float[] data) = weights.Tensors[i];
            tensors.Add(new WeightTensor(Weight + name, shape, data));
            tensors.Add(new WeightTensor(First + name, shape, optimizer.FirstMoments[i]));
            tensors.Add(new WeightTensor(Second + name, shape, optimizer.SecondMoments[i]));
        }

        SafeTensorsWriter.Write(path, tensors);
    }

    /// <summary>Reads a trainer's state.</summary>
    /// <exception cref="InvalidDataException">The file is broken or belongs to another model.</exception>
    public static (ModelWeights Weights, OptimizerState Optimizer) Read(string path, ModelConfig config)
    {
        if (!File.Exists(path)) throw new InvalidDataException($"{path}: there is no such file; a trainer's state belongs there");
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
}

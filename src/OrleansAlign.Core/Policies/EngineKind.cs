namespace OrleansAlign.Core.Policies;

/// <summary>The engines a recipe can name.</summary>
public enum EngineKind
{
    /// <summary>Pure C#, all processor cores, reproducible to the bit.</summary>
    Managed,

    /// <summary>TorchSharp: GPUs, through libtorch.</summary>
    Torchsharp,
}

/// <summary>Names of the engine kinds.</summary>
public static class EngineKinds
{
    /// <summary>The kind as recipes write it.</summary>
    public static string Name(this EngineKind kind) => kind == EngineKind.Torchsharp ? "torchsharp" : "managed";
}

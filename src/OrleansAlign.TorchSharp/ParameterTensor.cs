using TorchSharp;
using static TorchSharp.torch;

namespace OrleansAlign.TorchSharp;

/// <summary>One tensor that is multiplied with, of one or several of the model's weights stacked by rows, and what training keeps of it.</summary>
internal sealed class ParameterTensor : IDisposable
{
    private readonly Device device;

    /// <summary>Room for the weights, whose values come by <see cref="HostMemory.Upload"/> into <see cref="Master"/> and <see cref="Publish"/>.</summary>
    public ParameterTensor(long[] shape, Device device, ScalarType type)
    {
        this.device = device;
        IsMatrix = shape.Length > 1;
        if (type == ScalarType.Float32)
        {
            Master = Compute = empty(shape, ScalarType.Float32, device).DetachFromDisposeScope();
        }
        else
        {
            // An engine that only samples and scores needs no float32 weights on its device: they come with the first step.
            Master = empty(shape, ScalarType.Float32, CPU).DetachFromDisposeScope();
            Compute = empty(shape, type, device).DetachFromDisposeScope();
        }
    }

    /// <summary>Whether weight decay applies.</summary>
    public bool IsMatrix { get; }

    /// <summary>The float32 weights that the optimizer moves.</summary>
    public Tensor Master { get; private set; }

    /// <summary>The weights that are multiplied with; the same tensor as <see cref="Master"/> where that is float32 too.</summary>
    public Tensor Compute { get; }

    /// <summary>∂loss/∂weights, float32; null before the first backward pass.</summary>
    public Tensor? Gradient { get; private set; }

    /// <summary>AdamW's m; null before the first step.</summary>
    public Tensor? First { get; private set; }

    /// <summary>AdamW's v; null before the first step.</summary>
    public Tensor? Second { get; private set; }

    /// <summary>Rounds the float32 weights to those that are multiplied with.</summary>
    public void Publish()
    {
        if (!ReferenceEquals(Master, Compute)) Compute.copy_(Master);
    }

    /// <summary>Zeroes the gradient.</summary>
    public void ClearGradient()
    {
        if (Gradient is null) Gradient = zeros(Compute.shape, ScalarType.Float32, device).DetachFromDisposeScope();
        else Gradient.zero_();
    }

    /// <summary>Adds to the gradient, in float32.</summary>
    public void Accumulate(Tensor part) => Gradient!.Increase(part);

    /// <summary>Brings moments, and float32 weights where they are not yet there, onto the device.</summary>
    public void PrepareStep()
    {
        First ??= zeros(Compute.shape, ScalarType.Float32, device).DetachFromDisposeScope();
        Second ??= zeros(Compute.shape, ScalarType.Float32, device).DetachFromDisposeScope();
        if (ReferenceEquals(Master, Compute) || device.type == DeviceType.CPU || Master.device_type == device.type) return;
        using Tensor host = Master;
        Master = host.to(device).DetachFromDisposeScope();
    }

    /// <summary>Forgets the moments.</summary>
    public void ClearMoments()
    {
        First?.zero_();
        Second?.zero_();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Master.Dispose();
        Compute.Dispose();
        Gradient?.Dispose();
        First?.Dispose();
        Second?.Dispose();
    }
}

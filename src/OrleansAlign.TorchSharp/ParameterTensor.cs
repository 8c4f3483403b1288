using TorchSharp;
using static TorchSharp.torch;

namespace OrleansAlign.TorchSharp;

/// <summary>One operand of the forward pass, made of one or several of the model's weights stacked by rows, with its gradient and moments.</summary>
internal sealed class ParameterTensor : IDisposable
{
    private readonly Device device;

    /// <summary>Allocates the weights; their values come by <see cref="HostMemory.Upload"/> into <see cref="Master"/> and <see cref="Publish"/>.</summary>
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
            // An engine that only samples and scores needs no float32 weights on its device: the first step creates them.
            Master = empty(shape, ScalarType.Float32, CPU).DetachFromDisposeScope();
            Compute = empty(shape, type, device).DetachFromDisposeScope();
        }
    }

    /// <summary>Whether weight decay applies.</summary>
    public bool IsMatrix { get; }

    /// <summary>The float32 weights that the optimizer updates.</summary>
    public Tensor Master { get; private set; }

    /// <summary>The weights in the computation's type; the same tensor as <see cref="Master"/> if that type is float32.</summary>
    public Tensor Compute { get; }

    /// <summary>∂loss/∂weights, float32; null before the first backward pass.</summary>
    public Tensor? Gradient { get; private set; }

    /// <summary>AdamW's m; null before the first step.</summary>
    public Tensor? First { get; private set; }

    /// <summary>AdamW's v; null before the first step.</summary>
    public Tensor? Second { get; private set; }

    /// <summary>Rounds the float32 weights to the computation's type.</summary>
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

    /// <summary>Creates the moments, and the float32 weights if they do not exist yet, on the device.</summary>
    public void PrepareStep()
    {
        First ??= zeros(Compute.shape, ScalarType.Float32, device).DetachFromDisposeScope();
        Second ??= zeros(Compute.shape, ScalarType.Float32, device).DetachFromDisposeScope();
        if (ReferenceEquals(Master, Compute) || device.type == DeviceType.CPU || Master.device_type == device.type) return;
        using Tensor host = Master;
        Master = host.to(device).DetachFromDisposeScope();
    }

    /// <summary>Zeroes the moments.</summary>
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

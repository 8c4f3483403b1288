using System.Runtime.InteropServices;
using TorchSharp;

namespace OrleansAlign.TorchSharp;

/// <summary>What libtorch says when memory runs out, told from its other errors and put into one line.</summary>
internal static class DeviceMemory
{
    /// <summary>Whether an error of libtorch is a lack of memory.</summary>
    public static bool IsExhausted(ExternalException error) =>
        error.Message.Contains("out of memory", StringComparison.OrdinalIgnoreCase) || error.Message.Contains("can't allocate memory", StringComparison.Ordinal);

    /// <summary>The same, in one line with the remedy.</summary>
    public static InvalidOperationException Exhausted(ExternalException error, torch.Device device)
    {
        string place = device.type == DeviceType.CUDA ? $"cuda:{device.index}" : "the processor's memory", said = error.Message.Split('\n')[0].Trim();
        return new InvalidOperationException(
            $"the torchsharp engine ran out of memory on {place} ({said}); "
            + "take smaller batches, shorter sequences or fewer candidates, or a device with more memory.", error);
    }
}

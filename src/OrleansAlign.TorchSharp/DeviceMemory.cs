using System.Runtime.InteropServices;
using TorchSharp;

namespace OrleansAlign.TorchSharp;

/// <summary>Recognises libtorch's out-of-memory errors and puts them into one line.</summary>
internal static class DeviceMemory
{
    /// <summary>Whether an error of libtorch means that memory ran out.</summary>
    public static bool IsExhausted(ExternalException error) =>
        error.Message.Contains("out of memory", StringComparison.OrdinalIgnoreCase)
        || error.Message.Contains("can't allocate memory", StringComparison.Ordinal);

    /// <summary>An out-of-memory error in one line, with the remedy.</summary>
    public static InvalidOperationException Exhausted(ExternalException error, torch.Device device)
    {
        string place = device.type == DeviceType.CUDA ? $"cuda:{device.index}" : "the processor's memory", said = error.Message.Split('\n')[0].Trim();
        return new InvalidOperationException(
            $"the torchsharp engine ran out of memory on {place} ({said}); "
            + "take smaller batches, shorter sequences or fewer candidates, or a device with more memory.", error);
    }
}

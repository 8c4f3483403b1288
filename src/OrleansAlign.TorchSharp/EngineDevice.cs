using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace OrleansAlign.TorchSharp;

/// <summary>Devices by name, and the reasons why one cannot be used.</summary>
internal static class EngineDevice
{
    /// <summary><c>cpu</c>, <c>cuda</c> (the first) or <c>cuda:N</c>; null if it is none of them.</summary>
    public static (DeviceType Type, int Index)? Parse(string device)
    {
        if (device == "cpu") return (DeviceType.CPU, -1);
        if (device == "cuda") return (DeviceType.CUDA, 0);
        bool numbered = device.StartsWith("cuda:", StringComparison.Ordinal)
            && int.TryParse(device.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out _);
        return numbered ? (DeviceType.CUDA, int.Parse(device.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture)) : null;
    }

    /// <summary>What is wrong with a device's name.</summary>
    public static string NameProblem(string device) => $"device is {device}; the torchsharp engine computes on cpu, cuda or cuda:N";

    /// <summary>Why a device cannot be used, in one line; null if it can.</summary>
    public static string? Problem(string device)
    {
        if (Parse(device) is not { } place) return NameProblem(device);
        if (NativeLibraries.Problem is { } missing) return missing;
        if (place.Type == DeviceType.CPU) return null;
        if (!cuda.is_available())
        {
            return $"device is {device}, but libtorch finds no CUDA GPU here: there is none, its driver is missing or too old, or the process may not see it "
                + "(nvidia-smi tells); use device: cpu, or engine: managed";
        }

        int count = cuda.device_count();
        return place.Index < count ? null
            : $"device is {device}, but there {(count == 1 ? "is one GPU" : $"are {count} GPUs")}, from cuda:0 to cuda:{count - 1}";
    }
}

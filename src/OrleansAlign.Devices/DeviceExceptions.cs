namespace OrleansAlign.Devices;

/// <summary>The device's queue is full and the work was not begun: call again later, or another device.</summary>
public sealed class DeviceBusyException(string message) : Exception(message);

/// <summary>The device is about to stop and the work was not done: call another device.</summary>
public sealed class DeviceStoppingException(string message) : Exception(message);

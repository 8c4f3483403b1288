namespace OrleansAlign.Devices;

/// <summary>The device's queue is full: nothing was begun; come again later, or ask another device.</summary>
public sealed class DeviceBusyException(string message) : Exception(message);

/// <summary>The device is about to stop: the work was not done; ask another device.</summary>
public sealed class DeviceStoppingException(string message) : Exception(message);

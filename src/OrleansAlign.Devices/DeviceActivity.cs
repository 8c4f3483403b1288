namespace OrleansAlign.Devices;

/// <summary>The kinds of work that a device does, one at a time.</summary>
public enum DeviceActivity
{
    /// <summary>Draws responses.</summary>
    Generate,

    /// <summary>Compares or rates responses.</summary>
    Judge,

    /// <summary>Scores given tokens.</summary>
    Score,

    /// <summary>Takes optimizer steps.</summary>
    Train,
}

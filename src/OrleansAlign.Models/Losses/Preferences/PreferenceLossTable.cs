namespace OrleansAlign.Models.Losses.Preferences;

/// <summary>Every preference loss by its name in recipes.</summary>
internal static class PreferenceLossTable
{
    private static readonly Dictionary<PreferenceLossKind, Func<PreferenceLossOptions, IPreferenceLoss>> losses = new()
    {
        [PreferenceLossKind.Sigmoid] = o => new SigmoidLoss(o.Beta),
        [PreferenceLossKind.Hinge] = o => new HingeLoss(o.Beta),
        [PreferenceLossKind.Ipo] = o => new IpoLoss(o.Beta),
    };

    /// <summary>Whether there is a loss of this kind.</summary>
    public static bool Has(PreferenceLossKind kind) => losses.ContainsKey(kind);

    /// <summary>The loss that the options name.</summary>
    /// <exception cref="KeyNotFoundException">There is no loss of this kind; the options' problems report it.</exception>
    public static IPreferenceLoss Create(PreferenceLossOptions options) => losses[options.Kind](options);
}

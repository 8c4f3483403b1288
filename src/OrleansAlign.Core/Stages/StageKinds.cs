namespace OrleansAlign.Core.Stages;

/// <summary>The kinds of stages: the one place that lists them.</summary>
public static class StageKinds
{
    /// <summary>The options of each kind, by the name that recipes give it.</summary>
    public static IReadOnlyDictionary<string, Type> All { get; } = new Dictionary<string, Type>
    {
        ["sft"] = typeof(SftOptions),
        ["judge-sft"] = typeof(JudgeSftOptions),
        ["self-judge"] = typeof(SelfJudgeOptions),
        ["dpo"] = typeof(DpoOptions),
        ["self-play"] = typeof(SelfPlayOptions),
    };

    /// <summary>All names, as messages list them.</summary>
    public static string Names => string.Join(", ", All.Keys);

    internal static string NameOf(Type options) => All.Single(kind => kind.Value == options).Key;
}

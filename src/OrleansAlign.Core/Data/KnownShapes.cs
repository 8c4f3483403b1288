namespace OrleansAlign.Core.Data;

/// <summary>The shapes of rows that are commonly published, by what they are read as; the first that fits a row is taken.</summary>
internal static class KnownShapes
{
    private static readonly string[] Requests = ["prompt", "messages", "conversations", "instruction", "question", "query", "input"];
    private static readonly string[] AnswerKeys = ["completion", "response", "output", "answer"];
    private static readonly string[] Checks = ["check", "answer", "meta"];
    private static readonly string[] Rationales = ["principle", "chosen_rationale", "rejected_rationale"];

    // What UltraFeedback lists beside its completions.
    private static readonly string[] Truths = ["correct_answers", "incorrect_answers"];

    /// <summary>Prompts; the answers of other rows are not needed.</summary>
    public static readonly IReadOnlyList<RowShape> Prompts =
    [
        .. Requests.Select(key => Of(
            key, [], [.. Beside(key), .. Checks], ["completion", "response", "output", "chosen", "rejected", "completions", .. Rationales, .. Truths])),
        new RowShape(null, ["chosen", "rejected"], Checks, Rationales),
    ];

    /// <summary>Demonstrations.</summary>
    public static readonly IReadOnlyList<RowShape> Demonstrations =
    [
        .. Rated(Checks),
        .. AnswerKeys.SelectMany(answer => Requests.Except(["messages", "conversations"]).Select(key => Of(key, [answer], Joined(key), Checks))),
        Of("messages", [], Beside("messages"), Checks),
        Of("conversations", [], Beside("conversations"), Checks),
    ];

    /// <summary>Preferences.</summary>
    public static readonly IReadOnlyList<RowShape> Preferences =
    [
        .. Rated([.. Checks, .. Rationales]),
        .. Requests.Select(key => Of(key, ["chosen", "rejected"], [.. Beside(key), .. Rationales], Checks)),
        new RowShape(null, ["chosen", "rejected"], Rationales, Checks),
    ];

    /// <summary>Lists of responses.</summary>
    public static readonly IReadOnlyList<RowShape> ResponseSets = [.. Requests.Prepend("context").Select(key => Of(key, ["responses"], Joined(key), Checks))];

    /// <summary>Keys to which a recipe may map columns.</summary>
    public static readonly IReadOnlyList<string> Targets = [.. ((IReadOnlyList<RowShape>)[.. Prompts, .. Demonstrations, .. Preferences])
        .SelectMany(shape => shape.Answers.Concat(shape.Uses).Append(shape.Request!)).Where(key => key is not null).Concat(KnownKeys.Used)
        .Distinct().Order(StringComparer.Ordinal)];

    private static RowShape Of(string request, string[] answers, string[] uses, string[] ignores) => new(request, answers, uses, ignores);

    private static IEnumerable<RowShape> Rated(string[] ignores) =>
        Requests.Select(key => Of(key, ["completions"], Joined(key), [.. ignores, .. Truths]));

    /// <summary>What is joined to a request's text.</summary>
    private static string[] Joined(string request) => request == "instruction" ? ["input", "context", "text"] : [];

    /// <summary>What is joined to a request, or must agree with it.</summary>
    private static string[] Beside(string request) => request switch
    {
        "prompt" => ["messages"],
        "messages" => ["prompt"],
        _ => Joined(request),
    };
}

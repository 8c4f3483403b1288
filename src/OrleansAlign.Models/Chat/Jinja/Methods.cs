namespace OrleansAlign.Models.Chat.Jinja;

/// <summary>The methods of each type of value.</summary>
internal static class Methods
{
    private static readonly OperationTable OfTexts = StringMethods.Build();
    private static readonly OperationTable OfLists = CollectionMethods.BuildList();
    private static readonly OperationTable OfTuples = CollectionMethods.BuildTuple();
    private static readonly OperationTable OfDictionaries = CollectionMethods.BuildDictionary();

    public static OperationTable? Of(Value value) => value switch
    {
        StringValue => OfTexts,
        DictValue => OfDictionaries,
        ListValue { Kind: ListKind.List } => OfLists,
        ListValue { Kind: ListKind.Tuple } => OfTuples,
        _ => null,
    };

    /// <summary>Whether the text has letters of one case and none of the other.</summary>
    public static bool HasOnlyCase(string text, Func<char, bool> wanted, Func<char, bool> other) => text.Any(wanted) && !text.Any(other);
}

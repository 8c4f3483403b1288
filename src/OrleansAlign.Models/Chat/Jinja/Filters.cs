namespace OrleansAlign.Models.Chat.Jinja;

/// <summary>The filters that published chat templates use.</summary>
internal static class Filters
{
    public static OperationTable Table { get; } = Build();

    private static OperationTable Build()
    {
        var table = new OperationTable("filter");
        TextFilters.AddTo(table);
        NumberFilters.AddTo(table);
        SequenceFilters.AddTo(table);
        SelectionFilters.AddTo(table);
        return table;
    }
}

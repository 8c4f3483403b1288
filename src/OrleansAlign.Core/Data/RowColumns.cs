using System.Text.Json.Nodes;

namespace OrleansAlign.Core.Data;

/// <summary>How the columns of a file stand for the keys that readers know.</summary>
/// <param name="Names">By key, the file's column that holds it: <c>{prompt: question}</c>.</param>
/// <param name="Ignored">Columns that are left out.</param>
public sealed record RowColumns(IReadOnlyDictionary<string, string> Names, IReadOnlyList<string> Ignored)
{
    /// <summary>What is wrong: value, rule and key.</summary>
    public IEnumerable<string> Problems()
    {
        foreach ((string key, string column) in Names)
        {
            if (!KnownShapes.Targets.Contains(key)) yield return $"columns has the key {key}; it must be one of {string.Join(", ", KnownShapes.Targets)}";
            if (string.IsNullOrEmpty(column)) yield return $"columns.{key} is empty; name a column of the data";
            if (Ignored.Contains(column)) yield return $"ignore-columns has {column}, which columns.{key} reads; leave it out of one of them";
        }

        foreach (IGrouping<string, string> twice in Names.GroupBy(n => n.Value, n => n.Key).Where(group => group.Count() > 1))
            yield return $"columns reads {twice.Key} as {string.Join(" and ", twice)}; one column can stand for one key";
        if (Ignored.Any(string.IsNullOrEmpty)) yield return "ignore-columns has an empty name; name columns of the data";
    }

    /// <summary>A row under the keys that readers know.</summary>
    /// <param name="row">The row.</param>
    /// <param name="place">Its file and line, for messages.</param>
    internal JsonObject Apply(JsonObject row, string place)
    {
        foreach (string column in Ignored) row.Remove(column);
        if (Names.Count == 0) return row;
        Dictionary<string, string> keys = Names.ToDictionary(n => n.Value, n => n.Key, StringComparer.Ordinal);
        var named = new JsonObject();
        foreach ((string column, JsonNode? value) in row.ToArray())
        {
            row.Remove(column);
            string key = keys.GetValueOrDefault(column, column);
            if (named[key] is { } other && RowShape.CarriesText(other) && RowShape.CarriesText(value))
            {
                throw new InvalidDataException(
                    $"{place}: the row has \"{key}\" itself beside \"{Names[key]}\", which columns reads as {key}; "
                    + "map the one elsewhere, or list it in ignore-columns");
            }

            if (named[key] is null || RowShape.CarriesText(value)) named[key] = value;
        }

        return named;
    }
}

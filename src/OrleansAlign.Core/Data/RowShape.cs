using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansAlign.Models.Text;

namespace OrleansAlign.Core.Data;

/// <summary>A known shape of a row.</summary>
/// <param name="Request">The key that holds the conversation before the answer; null if the answers hold it.</param>
/// <param name="Answers">Keys that hold the answers; none where the request holds them, or where none is needed.</param>
/// <param name="Uses">Further keys that are read.</param>
/// <param name="Ignores">Keys that belong to such rows and are not needed here.</param>
internal sealed record RowShape(string? Request, IReadOnlyList<string> Answers, IReadOnlyList<string> Uses, IReadOnlyList<string> Ignores)
{
    /// <summary>The keys that make the shape, as messages write them.</summary>
    public string Name => string.Join(" + ", Request is null ? Answers : [Request, .. Answers]);

    /// <summary>The first of the shapes whose keys a row has; every further key of the row must be known or carry no text.</summary>
    /// <exception cref="InvalidDataException">No shape fits, or a key with text would be lost.</exception>
    public static RowShape Of(Row row, IReadOnlyList<RowShape> shapes, string what)
    {
        // An empty request gives way to one that is not: exports fill the columns of other shapes with empty texts.
        RowShape shape = shapes.FirstOrDefault(s => s.Answers.All(row.Has) && (s.Request is null || CarriesText(row.Get(s.Request))))
            ?? shapes.FirstOrDefault(s => s.Answers.All(row.Has) && (s.Request is null || row.Has(s.Request)))
            ?? throw row.Broken($"the row has {Keys(row)}; {what} has {Listed(shapes)}, and one of them must be there: rename keys, or map them with columns");
        foreach (string key in row.Keys)
        {
            if (shape.Knows(key) || !CarriesText(row.Get(key))) continue;
            throw row.Broken($"\"{key}\" has text that {what} of the shape {shape.Name} does not use{Near(key, shape)}; "
                + $"rename the key, map it with columns (as {{system: {key}}}), or list it in ignore-columns");
        }

        row.Shaped(shape.Name);
        return shape;
    }

    /// <summary>Whether a value holds text anywhere.</summary>
    public static bool CarriesText(JsonNode? node) => node switch
    {
        JsonObject fields => fields.Any(field => CarriesText(field.Value)),
        JsonArray items => items.Any(CarriesText),
        JsonValue value => value.GetValueKind() == JsonValueKind.String && !string.IsNullOrWhiteSpace(value.GetValue<string>()),
        _ => false,
    };

    private bool Knows(string key) =>
        key == Request || Answers.Contains(key) || Uses.Contains(key) || Ignores.Contains(key) || KnownKeys.Used.Contains(key) || KnownKeys.IsMetadata(key);

    private static string Keys(Row row) => row.Keys.Any() ? "the keys " + string.Join(", ", row.Keys.Take(12).Select(key => $"\"{key}\"")) : "no keys";

    private static string Listed(IReadOnlyList<RowShape> shapes) => string.Join("; or ", shapes.GroupBy(s => string.Join(" and ", s.Answers)).Select(group =>
    {
        string requests = string.Join(", ", group.Select(s => s.Request).OfType<string>().Select(key => $"\"{key}\""));
        string answers = string.Join(" and ", group.First().Answers.Select(key => $"\"{key}\""));
        return requests.Length == 0 ? answers : answers.Length == 0 ? requests : $"{requests} with {answers}";
    }));

    private static string Near(string key, RowShape shape) =>
        Spelling.Nearest(key, shape.Answers.Concat(shape.Uses).Concat(KnownKeys.Used)) is { Distance: <= 2 } near && key.Length > 3
            ? $" (is it \"{near.Name}\"?)"
            : "";
}

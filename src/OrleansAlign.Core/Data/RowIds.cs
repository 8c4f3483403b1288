using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansAlign.Models.Chat;

namespace OrleansAlign.Core.Data;

/// <summary>Gives every row of a file its id: its own "id", otherwise a hash of its content, numbered where content repeats.</summary>
/// <remarks>
/// Seeds derive from ids, so that a row draws the same wherever it stands in the file. Hashes carry a prefix with a letter beyond f, as some
/// storages take a key of hexadecimal digits for a number.
/// </remarks>
internal sealed class RowIds(string prefix)
{
    private const int Longest = 200;
    private readonly Dictionary<string, RowSource> rows = new(StringComparer.Ordinal);

    /// <summary>The row's id.</summary>
    /// <param name="row">The row.</param>
    /// <param name="content">What a hash is made of; parts are told apart.</param>
    public string Next(Row row, IEnumerable<string> content)
    {
        if (row.Get("id") is { } node)
        {
            string given = node is JsonValue value && value.GetValueKind() == JsonValueKind.Number ? value.ToJsonString() : row.Text(node, "\"id\"");
            if (string.IsNullOrWhiteSpace(given) || given.Length > Longest || given.Any(char.IsControl))
                throw row.Broken($"\"id\" is '{given}'; it must have 1 to {Longest} characters, none of them a control character");
            if (!rows.TryAdd(given, row.Source)) throw row.Broken($"\"id\" is '{given}', as in {Place(rows[given], row.Source)}; ids must differ");
            return given;
        }

        var text = new StringBuilder();
        foreach (string part in content) text.Append(part.Length.ToString(CultureInfo.InvariantCulture)).Append(':').Append(part);
        string id = prefix + "-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())).AsSpan(0, 8)), unique = id;
        for (int copy = 2; !rows.TryAdd(unique, row.Source); copy++) unique = $"{id}-{copy}";
        return unique;
    }

    private static string Place(RowSource first, RowSource second) => first.File == second.File ? $"line {first.Line}" : first.ToString();

    /// <summary>A conversation's content, role and text in turn.</summary>
    public static IEnumerable<string> Content(IEnumerable<ChatMessage> messages) => messages.SelectMany(m => (string[])[m.Role, m.Content]);
}

using System.Text.Json;

namespace OrleansAlign.Models.Tokenizers;

/// <summary>A value of a JSON file with its place, so that every error names file and place.</summary>
internal readonly struct JsonPlace(string file, string place, JsonElement value)
{
    /// <summary>The value itself.</summary>
    public JsonElement Value => value;

    /// <summary>Whether the value is missing or null.</summary>
    public bool IsNull => value.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined;

    /// <summary>Whether the value is an object.</summary>
    public bool IsObject => value.ValueKind == JsonValueKind.Object;

    /// <summary>The member of that name; a null value if there is none.</summary>
    public JsonPlace this[string name] => new(
        file, place.Length == 0 ? name : $"{place}.{name}", IsObject && value.TryGetProperty(name, out JsonElement member) ? member : default);

    /// <summary>The exception: file, place, and <paramref name="problem"/>, which says value, rule and remedy.</summary>
    public InvalidDataException Error(string problem) => new($"{file}: {(place.Length == 0 ? "the whole" : place)}: {problem}");

    /// <summary>The items of an array; none if the value is missing.</summary>
    public List<JsonPlace> Items()
    {
        List<JsonPlace> items = [];
        if (IsNull) return items;
        if (value.ValueKind != JsonValueKind.Array) throw Error($"{Shown} is not a list");
        foreach (JsonElement item in value.EnumerateArray()) items.Add(new JsonPlace(file, $"{place}[{items.Count}]", item));
        return items;
    }

    /// <summary>The members of an object; none if the value is missing.</summary>
    public List<(string Name, JsonPlace Value)> Members()
    {
        List<(string, JsonPlace)> members = [];
        if (IsNull) return members;
        if (!IsObject) throw Error($"{Shown} is not an object");
        foreach (JsonProperty member in value.EnumerateObject())
        {
            members.Add((member.Name, new JsonPlace(file, $"{place}.{member.Name}", member.Value)));
        }

        return members;
    }

    /// <summary>The object itself; throws if the value is not an object.</summary>
    public JsonPlace Required() => IsObject ? this : throw Error(IsNull ? "missing, an object is needed" : $"{Shown} is not an object");

    /// <summary>A text that must be there.</summary>
    public string Text() => TextOrNull() ?? throw Error("missing, a text is needed");

    /// <summary>A text, or null if missing.</summary>
    public string? TextOrNull()
    {
        if (IsNull) return null;
        return value.ValueKind == JsonValueKind.String ? value.GetString() : throw Error($"{Shown} is not a text");
    }

    /// <summary>A truth value, or <paramref name="fallback"/> if missing.</summary>
    public bool Flag(bool fallback) => value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Null or JsonValueKind.Undefined => fallback,
        _ => throw Error($"{Shown} is neither true nor false"),
    };

    /// <summary>A whole number from 0 to <paramref name="most"/> that must be there.</summary>
    public int Number(int most)
    {
        if (IsNull) throw Error("missing, a whole number is needed");
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) && number >= 0 && number <= most
            ? number
            : throw Error($"{Shown} is not a whole number from 0 to {most}");
    }

    private string Shown
    {
        get
        {
            string raw = value.ValueKind == JsonValueKind.Undefined ? "nothing" : value.GetRawText();
            return raw.Length <= 60 ? raw : raw[..60] + "…";
        }
    }
}

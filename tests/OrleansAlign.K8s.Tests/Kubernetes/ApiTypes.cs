using System.Reflection;
using System.Text;
using System.Text.Json;

namespace OrleansAlign.K8s.Tests.Kubernetes;

/// <summary>Kubernetes' types as far as manifests of some kinds reach: names of fields, their types, and which are required.</summary>
/// <remarks>
/// <see cref="FromOpenApi"/> made the list in <c>types.txt</c> from the OpenAPI document that Kubernetes publishes. A line is a type, <c>Type: field field!
/// …</c>
/// with <c>name=type</c> and an exclamation mark where a field is required; <c>kind group/version Kind</c> names a kind that may stand alone. The two kinds
/// of the Prometheus operator are written by hand from its resource definitions.
/// </remarks>
internal sealed class ApiTypes
{
    private static readonly Dictionary<string, string> Scalars = new()
    {
        ["io.k8s.apimachinery.pkg.api.resource.Quantity"] = "Quantity",
        ["io.k8s.apimachinery.pkg.util.intstr.IntOrString"] = "IntOrString",
        ["io.k8s.apimachinery.pkg.apis.meta.v1.Time"] = "Time",
        ["io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime"] = "Time",
    };

    private readonly SortedDictionary<string, IReadOnlyDictionary<string, Field>> types = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> kinds = new(StringComparer.Ordinal);

    /// <summary>The list that lies beside the tests.</summary>
    public static ApiTypes Listed { get; } = Parse(Resource("types.txt"));

    /// <summary>Names of the types.</summary>
    public IEnumerable<string> Types => types.Keys;

    /// <summary>The kinds that may stand alone, as <c>group/version Kind</c>.</summary>
    public IEnumerable<string> Kinds => kinds.Keys;

    /// <summary>Fields of a type; null if it lists none, so that anything fits.</summary>
    public IReadOnlyDictionary<string, Field>? FieldsOf(string type) => types.GetValueOrDefault(type);

    /// <summary>The type of a kind; null if it is not listed.</summary>
    public string? TypeOf(string apiVersion, string kind) => kinds.GetValueOrDefault($"{apiVersion} {kind}");

    /// <summary>Reads the list's form.</summary>
    public static ApiTypes Parse(string text)
    {
        var result = new ApiTypes();
        foreach (string line in text.Split('\n').Where(l => l.Length > 0 && l[0] != '#'))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words[0] == "kind") result.kinds[$"{words[1]} {words[2]}"] = words[2];
            else result.types[words[0].TrimEnd(':')] = words[1..].Select(ParseField).ToDictionary(f => f.Name);
        }

        return result;
    }

    /// <summary>Takes the types that the kinds reach from an OpenAPI 2 document.</summary>
    public static ApiTypes FromOpenApi(JsonElement document, IEnumerable<string> kinds)
    {
        var result = new ApiTypes();
        JsonElement definitions = document.GetProperty("definitions");
        var names = new Dictionary<string, string>();
        var waiting = new Queue<string>();
        var wanted = kinds.ToHashSet();
        foreach (JsonProperty definition in definitions.EnumerateObject())
        {
            if (!definition.Value.TryGetProperty("x-kubernetes-group-version-kind", out JsonElement ids) || ids.GetArrayLength() != 1) continue;
            string group = ids[0].GetProperty("group").GetString()!, version = ids[0].GetProperty("version").GetString()!;
            string id = $"{(group.Length == 0 ? version : $"{group}/{version}")} {ids[0].GetProperty("kind").GetString()}";
            if (wanted.Contains(id)) result.kinds[id] = Reach(definition.Name);
        }

        while (waiting.TryDequeue(out string? full))
        {
            JsonElement definition = definitions.GetProperty(full);
            HashSet<string> required = definition.TryGetProperty("required", out JsonElement r) ? [.. r.EnumerateArray().Select(e => e.GetString()!)] : [];
            if (!definition.TryGetProperty("properties", out JsonElement properties)) continue;
            result.types[names[full]] = properties.EnumerateObject()
                .Select(p => new Field(p.Name, TypeOf(p.Value), required.Contains(p.Name))).ToDictionary(f => f.Name);
        }

        return result;

        string Reach(string full)
        {
            if (Scalars.TryGetValue(full, out string? scalar)) return scalar;
            if (names.TryGetValue(full, out string? known)) return known;
            string name = full[(full.LastIndexOf('.') + 1)..];
            if (names.ContainsValue(name)) throw new InvalidDataException($"two types are called {name}; the second is {full}");
            names[full] = name;
            if (definitions.GetProperty(full).TryGetProperty("properties", out _)) waiting.Enqueue(full);
            else return names[full] = "any";
            return name;
        }

        FieldType TypeOf(JsonElement schema)
        {
            if (schema.TryGetProperty("$ref", out JsonElement reference)) return new(Reach(reference.GetString()!["#/definitions/".Length..]), FieldShape.One);
            string type = schema.TryGetProperty("type", out JsonElement t) ? t.GetString()! : "any";
            if (type == "array") return new(TypeOf(schema.GetProperty("items")).ToString(), FieldShape.List);
            if (type != "object") return new(type, FieldShape.One);
            return schema.TryGetProperty("additionalProperties", out JsonElement values)
                ? new(TypeOf(values).ToString(), FieldShape.Map)
                : new("any", FieldShape.One);
        }
    }

    /// <summary>Writes the list's form.</summary>
    public string ToText()
    {
        var text = new StringBuilder();
        foreach (string kind in kinds.Keys) text.Append("kind ").Append(kind).Append('\n');
        foreach ((string type, IReadOnlyDictionary<string, Field> fields) in types)
        {
            text.Append(type).Append(':');
            foreach (Field field in fields.Values.OrderBy(f => f.Name, StringComparer.Ordinal))
            {
                text.Append(' ').Append(field.Name).Append(field.IsRequired ? "!=" : "=").Append(field.Type);
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    private static Field ParseField(string word)
    {
        int equals = word.IndexOf('=', StringComparison.Ordinal);
        bool isRequired = word[equals - 1] == '!';
        return new(word[..(isRequired ? equals - 1 : equals)], FieldType.Parse(word[(equals + 1)..]), isRequired);
    }

    private static string Resource(string name)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}

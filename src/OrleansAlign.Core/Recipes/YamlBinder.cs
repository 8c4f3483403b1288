using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;
using OrleansAlign.Core.Text;
using OrleansAlign.Models;
using OrleansAlign.Models.Text;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace OrleansAlign.Core.Recipes;

/// <summary>Reads YAML into option records, strictly: keys are the properties in kebab-case, and every problem is collected with its line.</summary>
/// <remarks>
/// A record's own <c>Problems()</c> is called after its keys were read, even if some keys were wrong; its problems are reported at the record's line.
/// </remarks>
/// <param name="file">Name of the file in messages.</param>
/// <param name="problems">Takes a line for each problem.</param>
/// <param name="choices">Types that have several kinds, and the type of each kind by name: such a node is a mapping with one key, the kind's name.</param>
internal sealed class YamlBinder(string file, ICollection<string> problems, IReadOnlyDictionary<Type, IReadOnlyDictionary<string, Type>> choices)
{
    /// <summary>Binds a mapping to a new <typeparamref name="T"/>; keys left out keep their defaults.</summary>
    public T Bind<T>(YamlNode node, string path) => (T)Bind(typeof(T), node, path)!;

    /// <summary>Notes a problem at a node.</summary>
    public void Problem(YamlNode node, string path, string text) =>
        problems.Add($"{file}:{node.Start.Line}: {(path.Length == 0 ? "" : path + ": ")}{text}");

    /// <summary>Binds a node to <paramref name="type"/>; null (with a problem noted) if it does not fit.</summary>
    public object? Bind(Type type, YamlNode node, string path)
    {
        Type target = Nullable.GetUnderlyingType(type) ?? type;
        if (IsScalar(target)) return BindScalar(target, node, path);
        if (target == typeof(JsonObject)) return BindJson(node, path);
        if (target.IsGenericType && target.GetGenericTypeDefinition() == typeof(IReadOnlyList<>)) return BindList(target, node, path);
        if (target.IsGenericType && target.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>)) return BindDictionary(target, node, path);
        return choices.TryGetValue(target, out IReadOnlyDictionary<string, Type>? kinds) ? BindChoice(kinds, node, path) : BindRecord(target, node, path);
    }

    /// <summary>A mapping of any shape, as JSON.</summary>
    private JsonObject? BindJson(YamlNode node, string path)
    {
        if (Json(node) is JsonObject mapping) return mapping;
        Problem(node, path, "a mapping belongs here, such as {enable_thinking: false}");
        return null;

        static JsonNode? Json(YamlNode node) => node switch
        {
            YamlMappingNode mapping => new JsonObject(mapping.Children.Select(c => KeyValuePair.Create(((YamlScalarNode)c.Key).Value ?? "", Json(c.Value)))),
            YamlSequenceNode list => new JsonArray([.. list.Children.Select(Json)]),
            YamlScalarNode { Style: ScalarStyle.Plain } when IsNothing(node) => null,
            YamlScalarNode { Style: ScalarStyle.Plain, Value: "true" or "false" } scalar => JsonValue.Create(scalar.Value == "true"),
            YamlScalarNode { Style: ScalarStyle.Plain } scalar when long.TryParse(scalar.Value, CultureInfo.InvariantCulture, out long whole) => whole,
            YamlScalarNode { Style: ScalarStyle.Plain } scalar when double.TryParse(scalar.Value, CultureInfo.InvariantCulture, out double number) => number,
            YamlScalarNode scalar => scalar.Value,
            _ => null,
        };
    }

    /// <summary>The known name nearest to <paramref name="name"/>, as a remedy; empty if none is near.</summary>
    public static string Suggest(string name, IEnumerable<string> known)
    {
        string[] all = [.. known.Order(StringComparer.Ordinal)];
        return Spelling.Nearest(name, all) is { } nearest && nearest.Distance <= Math.Max(2, name.Length / 3)
            ? $"did you mean {nearest.Name}?"
            : $"known are {string.Join(", ", all)}";
    }

    private object? BindChoice(IReadOnlyDictionary<string, Type> kinds, YamlNode node, string path)
    {
        string names = string.Join(", ", kinds.Keys);
        if (node is not YamlMappingNode { Children.Count: 1 } mapping)
        {
            Problem(node, path, $"{(node as YamlMappingNode)?.Children.Count ?? 0} kinds given; exactly one of {names} belongs here, with its keys below it");
            return null;
        }

        (YamlNode keyNode, YamlNode value) = mapping.Children.Single();
        string kind = (keyNode as YamlScalarNode)?.Value ?? "";
        if (kinds.TryGetValue(kind, out Type? type)) return BindRecord(type, value, $"{path}.{kind}");
        Problem(keyNode, path, $"unknown kind {kind}; {Suggest(kind, kinds.Keys)}");
        return null;
    }

    private object? BindRecord(Type type, YamlNode node, string path)
    {
        object record = Activator.CreateInstance(type)!;
        YamlNode place = node;
        var properties = type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite).ToDictionary(p => KebabCase.Of(p.Name));

        // A key with nothing after it is a mapping without keys.
        if (IsNothing(node)) node = new YamlMappingNode();
        if (node is not YamlMappingNode mapping)
        {
            Problem(node, path, $"a mapping belongs here, with keys {string.Join(", ", properties.Keys.Order(StringComparer.Ordinal))}");
            return record;
        }

        HashSet<string> given = [];
        foreach ((YamlNode keyNode, YamlNode value) in mapping.Children)
        {
            string key = (keyNode as YamlScalarNode)?.Value ?? "";
            string inner = path.Length == 0 ? key : $"{path}.{key}";
            if (!properties.TryGetValue(key, out PropertyInfo? property))
            {
                Problem(keyNode, path, $"unknown key {key}; {Suggest(key, properties.Keys)}");
                continue;
            }

            given.Add(key);
            bool needsValue = Nullable.GetUnderlyingType(property.PropertyType) is null && IsScalar(property.PropertyType);
            if (needsValue && IsNothing(value)) Problem(value, inner, "nothing stands here; give a value, or leave the key out for its default");
            else if (Bind(property.PropertyType, value, inner) is { } bound) property.SetValue(record, bound);
        }

        foreach (string problem in OwnProblems(record)) Problem(place, path, problem);
        foreach ((string key, PropertyInfo property) in properties)
        {
            // A record whose key was left out has its defaults, which may be invalid: a recipe without a model, for example.
            if (given.Contains(key) || property.GetValue(record) is not { } value || IsScalar(value.GetType())) continue;
            foreach (string problem in OwnProblems(value)) Problem(place, path.Length == 0 ? key : $"{path}.{key}", problem);
        }

        return record;
    }

    private static bool IsNothing(YamlNode node) => node is YamlScalarNode { Style: ScalarStyle.Plain, Value: "" or "~" or "null" or null };

    private static IEnumerable<string> OwnProblems(object record) => record is IChecked options ? options.Problems() : [];

    private object BindList(Type type, YamlNode node, string path)
    {
        Type item = type.GetGenericArguments()[0];
        var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(item))!;
        if (node is YamlSequenceNode sequence)
        {
            int i = 0;
            foreach (YamlNode child in sequence.Children)
            {
                if (Bind(item, child, $"{path}[{i++}]") is { } bound) list.Add(bound);
            }
        }
        else if (IsScalar(item) && node is YamlScalarNode && !IsNothing(node))
        {
            if (Bind(item, node, path) is { } bound) list.Add(bound);
        }
        else
        {
            Problem(node, path, "a list belongs here (lines that begin with '- ')");
        }

        return list;
    }

    private object BindDictionary(Type type, YamlNode node, string path)
    {
        Type value = type.GetGenericArguments()[1];
        var dictionary = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(typeof(string), value))!;
        if (node is not YamlMappingNode mapping)
        {
            Problem(node, path, "a mapping of names belongs here");
            return dictionary;
        }

        foreach ((YamlNode keyNode, YamlNode child) in mapping.Children)
        {
            string key = (keyNode as YamlScalarNode)?.Value ?? "";
            if (Bind(value, child, $"{path}.{key}") is { } bound) dictionary[key] = bound;
        }

        return dictionary;
    }

    private object? BindScalar(Type type, YamlNode node, string path)
    {
        if (node is not YamlScalarNode { Value: { } text })
        {
            Problem(node, path, $"{Expected(type)} belongs here, not a {(node is YamlMappingNode ? "mapping" : "list")}");
            return null;
        }

        object? value = Parse(type, text);
        if (value is null) Problem(node, path, $"\"{text}\" is not {Expected(type)}");
        return value;
    }

    private static object? Parse(Type type, string text)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        if (type == typeof(string)) return text;
        if (type == typeof(bool)) return text switch { "true" => true, "false" => false, _ => null };
        if (type == typeof(int))
        {
            return int.TryParse(text.Replace("_", "", StringComparison.Ordinal), NumberStyles.AllowLeadingSign, culture, out int i) ? i : null;
        }
        if (type == typeof(ulong)) return ulong.TryParse(text, NumberStyles.None, culture, out ulong u) ? u : null;
        if (type == typeof(double)) return double.TryParse(text, NumberStyles.Float, culture, out double d) ? d : null;
        foreach (string name in Enum.GetNames(type))
        {
            if (KebabCase.Of(name) == text) return Enum.Parse(type, name);
        }

        return null;
    }

    private static string Expected(Type type) =>
        type == typeof(string) ? "a text"
        : type == typeof(bool) ? "true or false"
        : type == typeof(double) ? "a number"
        : type.IsEnum ? "one of " + string.Join(", ", Enum.GetNames(type).Select(KebabCase.Of))
        : "a whole number";

    private static bool IsScalar(Type type) => type == typeof(string) || type.IsPrimitive || type.IsEnum;
}

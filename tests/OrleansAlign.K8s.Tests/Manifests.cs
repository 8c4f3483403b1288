using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace OrleansAlign.K8s.Tests;

/// <summary>Reads YAML into JSON, plain scalars as Kubernetes reads them.</summary>
internal static class Manifests
{
    /// <summary>A file's documents.</summary>
    public static IReadOnlyList<JsonObject> Load(string path) => Parse(File.ReadAllText(path));

    /// <summary>A text's documents.</summary>
    public static IReadOnlyList<JsonObject> Parse(string text)
    {
        var stream = new YamlStream();
        using var reader = new StringReader(text);
        stream.Load(reader);
        return [.. stream.Documents.Select(d => Node(d.RootNode)).OfType<JsonObject>()];
    }

    private static JsonNode? Node(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(c => KeyValuePair.Create(((YamlScalarNode)c.Key).Value!, Node(c.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(Node)]),
        YamlScalarNode { Style: ScalarStyle.Plain } plain => Plain(plain.Value!),
        YamlScalarNode quoted => JsonValue.Create(quoted.Value),
        _ => throw new InvalidDataException($"line {node.Start.Line}: neither a map nor a list nor a scalar"),
    };

    private static JsonValue? Plain(string text) => text switch
    {
        "" or "~" or "null" => null,
        "true" => JsonValue.Create(true),
        "false" => JsonValue.Create(false),
        _ when text.ToUpperInvariant() is "YES" or "NO" or "ON" or "OFF" or "Y" or "N" => throw new InvalidDataException(
            $"{text} is a truth value to some readers of YAML; put it in quotes"),
        _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole) => JsonValue.Create(whole),
        _ when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
            && !char.IsLetter(text[0]) => JsonValue.Create(number),
        _ => JsonValue.Create(text),
    };
}

using System.Text.Json;

namespace OrleansAlign.K8s.Tests.Kubernetes;

public sealed class ApiTypesTests
{
    /// <summary>Where the document may lie that Kubernetes publishes as api/openapi-spec/swagger.json.</summary>
    private const string Variable = "ALIGN_KUBERNETES_OPENAPI";

    [Fact]
    public void Every_type_that_a_field_holds_is_in_the_list()
    {
        string[] scalars = ["any", "boolean", "integer", "number", "string", "Time", "IntOrString", "Quantity", "Duration"];
        HashSet<string> known = [.. ApiTypes.Listed.Types, .. scalars];

        Assert.True(ApiTypes.Listed.Types.Count() > 150);
        Assert.All(ApiTypes.Listed.Types.SelectMany(t => ApiTypes.Listed.FieldsOf(t)!.Values), f => Assert.Contains(f.Type.Name, known));
    }

    [Fact]
    public void What_is_written_is_what_is_read()
    {
        string text = ApiTypes.Listed.ToText();

        Assert.Equal(text, ApiTypes.Parse(text).ToText());
        Assert.Contains("\nEnvVar: name!=string value=string valueFrom=EnvVarSource\n", text, StringComparison.Ordinal);
        Assert.Contains(" capacity={Quantity} ", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_is_made_of_what_the_kinds_reach()
    {
        using JsonDocument document = JsonDocument.Parse("""
            { "definitions": {
              "io.k8s.api.core.v1.Box": {
                "x-kubernetes-group-version-kind": [ { "group": "core.example", "version": "v1", "kind": "Box" } ],
                "required": ["lid"],
                "properties": {
                  "lid": { "$ref": "#/definitions/io.k8s.api.core.v1.Lid" },
                  "sizes": { "type": "object", "additionalProperties": { "$ref": "#/definitions/io.k8s.apimachinery.pkg.api.resource.Quantity" } },
                  "labels": { "type": "array", "items": { "type": "string" } },
                  "raw": { "type": "object" } } },
              "io.k8s.api.core.v1.Lid": { "properties": { "open": { "type": "boolean" } } },
              "io.k8s.apimachinery.pkg.api.resource.Quantity": { "type": "string" },
              "io.k8s.api.core.v1.Bag": { "properties": { "open": { "type": "boolean" } } } } }
            """);

        Assert.Equal(
            "kind core.example/v1 Box\nBox: labels=[string] lid!=Lid raw=any sizes={Quantity}\nLid: open=boolean\n",
            ApiTypes.FromOpenApi(document.RootElement, ["core.example/v1 Box"]).ToText());
    }

    [OpenApiFact]
    public void The_list_is_within_the_published_document()
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(Environment.GetEnvironmentVariable(Variable)!));
        string[] kinds = [.. ApiTypes.Listed.Kinds.Where(k => !k.StartsWith("monitoring.", StringComparison.Ordinal))];
        ApiTypes published = ApiTypes.FromOpenApi(document.RootElement, kinds);

        Assert.Equal(kinds, published.Kinds);
        foreach (string type in ApiTypes.Listed.Types.Where(t => published.FieldsOf(t) is not null))
        {
            Assert.Subset(published.FieldsOf(type)!.Values.ToHashSet(), ApiTypes.Listed.FieldsOf(type)!.Values.ToHashSet());
        }

        // All others are the Prometheus operator's.
        Assert.True(ApiTypes.Listed.Types.Count(t => published.FieldsOf(t) is null) < 12);
    }

    [AttributeUsage(AttributeTargets.Method)]
    private sealed class OpenApiFactAttribute : FactAttribute
    {
        public OpenApiFactAttribute()
        {
            if (!File.Exists(Environment.GetEnvironmentVariable(Variable)))
            {
                Skip = $"{Variable} names no file; it is to be Kubernetes' api/openapi-spec/swagger.json";
            }
        }
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace OrleansAlign.K8s.Tests.Kubernetes;

/// <summary>Finds the problems of a manifest: unknown fields, values of the wrong type, missing required fields, words that the field does not allow.</summary>
internal static partial class ManifestChecker
{
    /// <summary>Words that a field allows. The published document names them only in its descriptions.</summary>
    private static readonly Dictionary<string, string[]> Words = new()
    {
        ["Container.imagePullPolicy"] = ["Always", "IfNotPresent", "Never"],
        ["ContainerPort.protocol"] = ["TCP", "UDP", "SCTP"],
        ["DeploymentStrategy.type"] = ["RollingUpdate", "Recreate"],
        ["HTTPGetAction.scheme"] = ["HTTP", "HTTPS"],
        ["NetworkPolicyPort.protocol"] = ["TCP", "UDP", "SCTP"],
        ["NetworkPolicySpec.policyTypes"] = ["Ingress", "Egress"],
        ["PersistentVolumeClaimSpec.accessModes"] = ["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"],
        ["PersistentVolumeClaimSpec.volumeMode"] = ["Filesystem", "Block"],
        ["PodDisruptionBudgetSpec.unhealthyPodEvictionPolicy"] = ["AlwaysAllow", "IfHealthyBudget"],
        ["PodSecurityContext.fsGroupChangePolicy"] = ["OnRootMismatch", "Always"],
        ["PodSpec.restartPolicy"] = ["Always", "OnFailure", "Never"],
        ["RelabelConfig.action"] = ["replace", "keep", "drop", "labelmap", "labeldrop", "labelkeep"],
        ["SeccompProfile.type"] = ["RuntimeDefault", "Unconfined", "Localhost"],
        ["ServiceMonitorEndpoint.scheme"] = ["http", "https"],
        ["ServicePort.protocol"] = ["TCP", "UDP", "SCTP"],
        ["ServiceSpec.type"] = ["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"],
        ["StatefulSetSpec.podManagementPolicy"] = ["OrderedReady", "Parallel"],
        ["StatefulSetUpdateStrategy.type"] = ["RollingUpdate", "OnDelete"],
        ["Toleration.effect"] = ["NoSchedule", "PreferNoSchedule", "NoExecute"],
        ["Toleration.operator"] = ["Exists", "Equal"],
        ["TopologySpreadConstraint.whenUnsatisfiable"] = ["DoNotSchedule", "ScheduleAnyway"],
    };

    /// <summary>The problems, each with its place.</summary>
    public static IEnumerable<string> Problems(JsonObject manifest)
    {
        string apiVersion = manifest["apiVersion"]?.ToString() ?? "", kind = manifest["kind"]?.ToString() ?? "";
        string name = manifest["metadata"]?["name"]?.ToString() ?? "";
        string place = $"{kind} {name}";
        if (ApiTypes.Listed.TypeOf(apiVersion, kind) is not { } type) return [$"{place}: there is no kind {kind} in {apiVersion}"];
        IEnumerable<string> problems = Object(place, type, manifest);
        return DnsName().IsMatch(name) ? problems : problems.Append($"{place}: metadata.name {name} is no DNS name");
    }

    private static IEnumerable<string> Object(string place, string type, JsonNode? value)
    {
        if (value is not JsonObject fields) return [$"{place}: {Show(value)} is no {type}"];
        IReadOnlyDictionary<string, Field> known = ApiTypes.Listed.FieldsOf(type)!;
        return known.Values.Where(f => f.IsRequired && fields[f.Name] is null).Select(f => $"{place}: {type} needs {f.Name}")
            .Concat(fields.SelectMany(f =>
                known.TryGetValue(f.Key, out Field? field) ? Values($"{place}.{f.Key}", type, field, f.Value) : [$"{place}: {type} has no field {f.Key}"]));
    }

    private static IEnumerable<string> Values(string place, string owner, Field field, JsonNode? value)
    {
        string path = $"{owner}.{field.Name}";
        return (field.Type.Shape, value) switch
        {
            (FieldShape.List, JsonArray list) => list.SelectMany((v, i) => One($"{place}[{i}]", path, field.Type.Name, v)),
            (FieldShape.Map, JsonObject map) => map.SelectMany(v => One($"{place}[{v.Key}]", path, field.Type.Name, v.Value)),
            (FieldShape.One, _) => One(place, path, field.Type.Name, value),
            _ => [$"{place}: {Show(value)} is no {field.Type}"],
        };
    }

    private static IEnumerable<string> One(string place, string path, string type, JsonNode? value)
    {
        if (ApiTypes.Listed.FieldsOf(type) is not null) return Object(place, type, value);
        JsonValueKind kind = value?.GetValueKind() ?? JsonValueKind.Null;
        string text = value?.ToString() ?? "";
        bool fits = type switch
        {
            "any" => true,
            "boolean" => kind is JsonValueKind.True or JsonValueKind.False,
            "integer" => kind == JsonValueKind.Number && long.TryParse(text, out _),
            "number" => kind == JsonValueKind.Number,
            "string" or "Time" => kind == JsonValueKind.String,
            "IntOrString" => kind == JsonValueKind.String || (kind == JsonValueKind.Number && long.TryParse(text, out _)),
            "Quantity" => kind is JsonValueKind.String or JsonValueKind.Number && Quantity().IsMatch(text),
            "Duration" => kind == JsonValueKind.String && Duration().IsMatch(text),
            _ => throw new InvalidDataException($"{place}: types.txt does not say what {type} is"),
        };
        if (!fits) return [$"{place}: {Show(value)} is no {type}"];
        return Words.TryGetValue(path, out string[]? words) && !words.Contains(text) ? [$"{place}: {text} is none of {string.Join(", ", words)}"] : [];
    }

    private static string Show(JsonNode? value) => value?.ToJsonString() ?? "null";

    [GeneratedRegex(@"^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$")]
    private static partial Regex DnsName();

    [GeneratedRegex(@"^[0-9]+(\.[0-9]+)?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$")]
    private static partial Regex Quantity();

    [GeneratedRegex(@"^([0-9]+(ms|s|m|h|d|w|y))+$")]
    private static partial Regex Duration();
}

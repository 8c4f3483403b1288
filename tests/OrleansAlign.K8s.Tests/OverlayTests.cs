using System.Text.Json.Nodes;
using OrleansAlign.K8s.Tests.Kubernetes;
using OrleansAlign.Tests;

namespace OrleansAlign.K8s.Tests;

/// <summary>The manifests as a cluster gets them: they fit Kubernetes' types, and what they name is there.</summary>
public sealed class OverlayTests
{
    public static TheoryData<string> Names => [.. Rendered.Names];

    public static TheoryData<string> Overlays => [.. Rendered.Names.Where(n => n.StartsWith("overlays", StringComparison.Ordinal))];

    /// <summary>Checks each file of resources by itself, which needs no kubectl.</summary>
    [SourceFact]
    public void Files_of_resources_fit_the_types_of_Kubernetes()
    {
        JsonObject[] manifests = [.. Directory.EnumerateFiles(Repository.At("k8s"), "*.yaml", SearchOption.AllDirectories)
            .Where(f => Path.GetFileName(f) != "kustomization.yaml"
                && Path.GetDirectoryName(f) is { } folder && !folder.Contains("overlays", StringComparison.Ordinal))
            .SelectMany(Manifests.Load).Where(m => m.ContainsKey("kind"))];

        Assert.True(manifests.Length > 15);
        Assert.Empty(manifests.SelectMany(ManifestChecker.Problems));
    }

    [KubectlTheory, MemberData(nameof(Names))]
    public void What_is_rendered_fits_the_types_of_Kubernetes(string name)
    {
        IReadOnlyList<JsonObject> manifests = Rendered.Of(name);

        Assert.Empty(manifests.SelectMany(ManifestChecker.Problems));
        Assert.Equal(manifests.Count, manifests.Select(m => $"{m.Kind()}/{m.Name()}").Distinct().Count());
    }

    [KubectlTheory, MemberData(nameof(Names))]
    public void Everything_goes_to_the_namespace_that_the_kustomization_names(string name)
    {
        string expected = name.EndsWith("+components", StringComparison.Ordinal) ? "elsewhere" : "align";

        Assert.All(Rendered.Of(name).Where(m => m.Kind() != "Namespace"), m => Assert.Equal(expected, m.Strings("metadata")["namespace"]));
        Assert.All(Rendered.Of(name, "Namespace"), m => Assert.Equal(expected, m.Name()));
    }

    [KubectlTheory, MemberData(nameof(Overlays))]
    public void Overlays_hold_what_a_cluster_needs(string name)
    {
        HashSet<string> all = [.. Rendered.Of(name).Select(m => $"{m.Kind()}/{m.Name()}")];
        string[] expected =
        [
            "Namespace/" + (name.EndsWith("+components", StringComparison.Ordinal) ? "elsewhere" : "align"), "Deployment/align-coordinator",
            "StatefulSet/align-device", "Service/align-gateway", "Service/align-http",
            "Service/align-silos", "PersistentVolumeClaim/align-storage", "PodDisruptionBudget/align-coordinator", "PodDisruptionBudget/align-device",
            "NetworkPolicy/align-silo", "NetworkPolicy/align-client",
            "ConfigMap/align-rules", "ConfigMap/align-dashboard",
        ];

        Assert.Superset(expected.ToHashSet(), all);
        Assert.Equal(name.EndsWith("+components", StringComparison.Ordinal), !all.Contains("StatefulSet/align-postgres"));
        Assert.Equal(name.EndsWith("+components", StringComparison.Ordinal), all.Contains("ServiceMonitor/align") && all.Contains("PrometheusRule/align"));
        // The installation makes the secrets.
        Assert.DoesNotContain(all, m => m.StartsWith("Secret/", StringComparison.Ordinal));
    }

    [KubectlTheory, MemberData(nameof(Names))]
    public void Selectors_find_the_pods_that_they_are_for(string name)
    {
        Dictionary<string, string>[] pods = [.. Rendered.Workloads(name).Select(w => w.Strings("spec", "template", "metadata", "labels"))];
        Assert.All(Rendered.Of(name, "Deployment", "StatefulSet"),
            w => Assert.True(w.Strings("spec", "selector", "matchLabels").Match(w.Strings("spec", "template", "metadata", "labels")), w.Name()));
        Assert.All(Rendered.Of(name, "Service"), s => Assert.Contains(pods, p => s.Strings("spec", "selector").Match(p)));
        Assert.All(Rendered.Of(name, "PodDisruptionBudget"), b => Assert.Single(pods, p => b.Strings("spec", "selector", "matchLabels").Match(p)));
        // Each selector matches the pods of one workload only; it would adopt the pods of another.
        Assert.All(Rendered.Of(name, "Deployment", "StatefulSet"), w => Assert.Single(pods, p => w.Strings("spec", "selector", "matchLabels").Match(p)));
    }

    [KubectlTheory, MemberData(nameof(Names))]
    public void Ports_that_are_named_are_ports_of_the_pods_behind(string name)
    {
        foreach (JsonObject service in Rendered.Of(name, "Service"))
        {
            foreach (JsonObject workload in Rendered.Workloads(name).Where(
                w => service.Strings("spec", "selector").Match(w.Strings("spec", "template", "metadata", "labels"))))
            {
                Dictionary<string, int> ports = Ports(workload);
                Assert.All(service.List("spec", "ports"), p => Assert.Equal(p["port"]!.GetValue<long>(), ports[p["targetPort"]!.ToString()]));
            }
        }

        foreach (JsonObject workload in Rendered.Workloads(name))
        {
            foreach (JsonObject container in workload.Containers())
            {
                string[] named = [.. container.List("ports").Select(p => p["name"]!.ToString())];
                Assert.All(Probes(container), p => Assert.True(p["httpGet"] is null || named.Contains(p.At("httpGet", "port")!.ToString())));
            }
        }
    }

    [KubectlTheory, MemberData(nameof(Overlays))]
    public void Network_policies_open_ports_that_exist_to_pods_that_exist(string name)
    {
        JsonObject[] workloads = [.. Rendered.Workloads(name), .. Rendered.Workloads("client")];
        foreach (JsonObject policy in Rendered.Of(name, "NetworkPolicy"))
        {
            JsonObject[] selected = Selected(policy.At("spec", "podSelector"));
            Assert.NotEmpty(selected);
            foreach (JsonObject rule in policy.List("spec", "ingress")) Check(rule, "from", selected);
            foreach (JsonObject rule in policy.List("spec", "egress")) Check(rule, "to", [.. rule.List("to").SelectMany(t => Selected(t["podSelector"]))]);
        }

        JsonObject[] Selected(JsonNode? selector) =>
            [.. workloads.Where(w => selector.Strings("matchLabels").Match(w.Strings("spec", "template", "metadata", "labels")))];

        void Check(JsonObject rule, string direction, JsonObject[] targets)
        {
            foreach (JsonObject peer in rule.List(direction).Where(p => p.ContainsKey("podSelector"))) Assert.NotEmpty(Selected(peer["podSelector"]));
            foreach (string port in rule.List("ports").Select(p => p["port"]!.ToString()).Where(p => p != "53"))
            {
                Assert.Contains(targets, t => Ports(t).ContainsKey(port));
            }
        }
    }

    [KubectlTheory, MemberData(nameof(Overlays))]
    public void Only_our_own_pods_reach_the_silos_and_the_database(string name)
    {
        JsonObject silo = Policy("align-silo");
        Assert.Equal(["align-silo"], Callers(silo, "silo"));
        Assert.Equal(["align-client"], Callers(silo, "gateway"));
        JsonObject http = Assert.Single(silo.List("spec", "ingress"), r => r.List("ports").Any(p => p["port"]!.ToString() == "http"));
        Assert.Equal("monitoring", Assert.Single(http.List("from")).Strings("namespaceSelector", "matchLabels")["kubernetes.io/metadata.name"]);
        if (Rendered.Of(name, "NetworkPolicy").Any(p => p.Name() == "align-postgres"))
        {
            Assert.Equal(["align-silo"], Callers(Policy("align-postgres"), "postgres"));
        }

        JsonObject Policy(string policy) => Rendered.Of(name, "NetworkPolicy").Single(p => p.Name() == policy);

        static IEnumerable<string> Callers(JsonObject policy, string port)
        {
            Assert.Contains("Ingress", policy.At("spec", "policyTypes")!.AsArray().Select(t => t!.ToString()));
            IEnumerable<JsonObject> rules = policy.List("spec", "ingress").Where(
                r => !r.ContainsKey("ports") || r.List("ports").Any(p => p["port"]!.ToString() == port));
            // A rule without `from` would admit every pod.
            return rules.SelectMany(r => r.List("from").DefaultIfEmpty([])).Select(
                f => f.Strings("podSelector", "matchLabels").GetValueOrDefault("app.kubernetes.io/name", "anybody"));
        }
    }

    [KubectlTheory, MemberData(nameof(Names))]
    public void What_pods_refer_to_is_there_or_made_by_the_installation(string name)
    {
        // secrets.sh makes two; components/tls and the client's recipe name the others, and k8s/README.md says how they are made.
        HashSet<string> made = ["Secret/align-token", "Secret/align-database", "Secret/align-tls", "ConfigMap/align-recipe"];
        made.UnionWith(Rendered.Of(name).Select(m => $"{m.Kind()}/{m.Name()}"));
        foreach (JsonObject workload in Rendered.Workloads(name))
        {
            JsonObject pod = workload.Pod();
            HashSet<string> volumes = [.. pod.List("volumes").Concat(workload.List("spec", "volumeClaimTemplates")).Select(
                v => v["name"]?.ToString() ?? v.Name())];
            Assert.All(workload.Containers().SelectMany(c => c.List("volumeMounts")), m => Assert.Contains(m["name"]!.ToString(), volumes));
            Assert.Contains($"ServiceAccount/{pod["serviceAccountName"]}", made);
            Assert.All(pod.List("volumes"), v => Assert.True(
                v["emptyDir"] is not null || made.Contains($"PersistentVolumeClaim/{v.At("persistentVolumeClaim", "claimName")}")
                || made.Contains($"ConfigMap/{v.At("configMap", "name")}") || made.Contains($"Secret/{v.At("secret", "secretName")}"), v.ToJsonString()));
            foreach (JsonObject container in workload.Containers())
            {
                Assert.All(container.List("envFrom"), e => Assert.Contains($"ConfigMap/{e.At("configMapRef", "name")}", made));
                Assert.All(container.List("env").Select(e => e.At("valueFrom", "secretKeyRef", "name")).OfType<JsonNode>(),
                    secret => Assert.Contains($"Secret/{secret}", made));
            }
        }
    }

    [KubectlTheory, MemberData(nameof(Overlays))]
    public void A_service_governs_each_stateful_set(string name) =>
        Assert.All(
            Rendered.Of(name, "StatefulSet"), s => Assert.Equal(
                "None", Rendered.Of(name, "Service").Single(v => v.Name() == s.At("spec", "serviceName")!.ToString()).Strings("spec")["clusterIP"]));

    [KubectlFact]
    public void Device_silos_offer_what_their_overlay_is_for()
    {
        Assert.Equal("managed", Devices("overlays/cpu")["ALIGN__DEVICES__0"]);
        Assert.Null(Limit("overlays/cpu"));
        Assert.Equal("cuda:0", Devices("overlays/gpu")["ALIGN__DEVICES__0"]);
        Assert.Equal("1", Limit("overlays/gpu"));

        static JsonObject Silo(string overlay) => Rendered.Workloads(overlay).Single(w => w.Name() == "align-device").Containers().Single();
        static Dictionary<string, string> Devices(string overlay) =>
            Silo(overlay).List("env").Where(e => e.ContainsKey("value")).ToDictionary(e => e["name"]!.ToString(), e => e["value"]!.ToString());
        static string? Limit(string overlay) => Silo(overlay).Strings("resources", "limits").GetValueOrDefault("nvidia.com/gpu");
    }

    [KubectlFact]
    public void A_single_node_needs_no_storage_that_many_nodes_share()
    {
        Assert.Equal(["ReadWriteMany"], Modes("overlays/cpu"));
        Assert.Equal(["ReadWriteOnce"], Modes("overlays/cpu+components"));

        static IEnumerable<string> Modes(string overlay) =>
            Rendered.Of(overlay, "PersistentVolumeClaim").Single().At("spec", "accessModes")!.AsArray().Select(m => m!.ToString());
    }

    internal static IEnumerable<JsonObject> Probes(JsonObject container) =>
        new[] { "startupProbe", "livenessProbe", "readinessProbe" }.Select(p => container[p]).OfType<JsonObject>();

    private static Dictionary<string, int> Ports(JsonObject workload) =>
        workload.Containers().SelectMany(c => c.List("ports")).ToDictionary(p => p["name"]!.ToString(), p => (int)p["containerPort"]!.GetValue<long>());
}

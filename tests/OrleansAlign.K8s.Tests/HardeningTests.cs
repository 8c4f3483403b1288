using System.Globalization;
using System.Text.Json.Nodes;
using OrleansAlign.Tests;

namespace OrleansAlign.K8s.Tests;

/// <summary>What pods may do, which resources they request, and how they end.</summary>
public sealed class HardeningTests
{
    public static TheoryData<string> Names => [.. Rendered.Names];

    [KubectlTheory, MemberData(nameof(Names))]
    public void Pods_fit_the_restricted_profile_and_cannot_write_their_own_image(string name)
    {
        Assert.NotEmpty(Rendered.Workloads(name));
        foreach (JsonObject workload in Rendered.Workloads(name))
        {
            JsonObject pod = workload.Pod();
            Assert.True(pod.At("securityContext", "runAsNonRoot")!.GetValue<bool>(), workload.Name());
            Assert.NotEqual(0, pod.At("securityContext", "runAsUser")!.GetValue<long>());
            Assert.Equal("RuntimeDefault", pod.At("securityContext", "seccompProfile", "type")!.ToString());
            Assert.All(new[] { "hostNetwork", "hostPID", "hostIPC" }, f => Assert.Null(pod[f]));
            Assert.DoesNotContain(pod.List("volumes"), v => v.ContainsKey("hostPath"));
            foreach (JsonObject container in workload.Containers())
            {
                Assert.False(container.At("securityContext", "allowPrivilegeEscalation")!.GetValue<bool>());
                Assert.True(container.At("securityContext", "readOnlyRootFilesystem")!.GetValue<bool>());
                Assert.Equal(["ALL"], container.At("securityContext", "capabilities", "drop")!.AsArray().Select(c => c!.ToString()));
                // Runtimes write there whatever their settings.
                Assert.Contains(container.List("volumeMounts"), m => m["mountPath"]!.ToString() == "/tmp");
            }
        }
    }

    [KubectlTheory, MemberData(nameof(Names))]
    public void No_pod_gets_a_token_of_the_cluster_or_the_addresses_of_its_services(string name)
    {
        Assert.All(Rendered.Of(name, "ServiceAccount"), a => Assert.False(a["automountServiceAccountToken"]!.GetValue<bool>()));
        Assert.All(Rendered.Workloads(name), w =>
        {
            Assert.False(w.Pod()["automountServiceAccountToken"]!.GetValue<bool>());
            Assert.False(w.Pod()["enableServiceLinks"]!.GetValue<bool>());
        });
        Assert.DoesNotContain(Rendered.Of(name), m => m.Kind().EndsWith("RoleBinding", StringComparison.Ordinal));
    }

    [KubectlTheory, MemberData(nameof(Names))]
    public void Processors_are_asked_for_and_never_limited_and_memory_is_limited_to_what_is_asked_for(string name) =>
        Assert.All(Rendered.Workloads(name).SelectMany(w => w.Containers()), c =>
    {
        Dictionary<string, string> requests = c.Strings("resources", "requests"), limits = c.Strings("resources", "limits");
        Assert.Contains("cpu", requests.Keys);
        Assert.DoesNotContain("cpu", limits.Keys);
        Assert.Equal(requests["memory"], limits["memory"]);
    });

    [KubectlTheory, MemberData(nameof(Names))]
    public void A_stopping_silo_has_longer_than_it_drains(string name)
    {
        foreach (JsonObject workload in Rendered.Workloads(name).Where(w => w.Containers().Any(c => c["name"]!.ToString() == "silo")))
        {
            double drain = double.Parse(SettingsTests.Environment(name, workload)["ALIGN__DRAINSECONDS"], CultureInfo.InvariantCulture);
            Assert.True(workload.Pod()["terminationGracePeriodSeconds"]!.GetValue<long>() >= drain + 15, workload.Name());
        }
    }

    [KubectlTheory, MemberData(nameof(Names))]
    public void Silos_of_a_kind_spread_over_nodes(string name) =>
        Assert.All(Rendered.Workloads(name).Where(w => w.Containers().Any(c => c["name"]!.ToString() == "silo")), w =>
    {
        JsonObject spread = Assert.Single(w.Pod().List("topologySpreadConstraints"));
        Assert.Equal("kubernetes.io/hostname", spread["topologyKey"]!.ToString());
        Assert.True(spread.Strings("labelSelector", "matchLabels").Match(w.Strings("spec", "template", "metadata", "labels")));
        Assert.True(w.At("spec", "replicas")!.GetValue<long>() >= 2);
    });

    /// <summary>Text that looks like a secret left in a file: files may contain only names of secrets.</summary>
    [SourceFact]
    public void No_file_holds_a_secret()
    {
        foreach (string file in Directory.EnumerateFiles(Repository.At("k8s"), "*.yaml", SearchOption.AllDirectories))
        {
            Assert.DoesNotContain(Manifests.Load(file), m => m["kind"]?.ToString() == "Secret");
            Assert.DoesNotMatch("(?i)(password|token)\\s*[:=]\\s*['\"]?[A-Za-z0-9+/]{8,}", File.ReadAllText(file));
        }
    }
}

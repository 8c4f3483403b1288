using System.Text.Json.Nodes;

namespace OrleansAlign.K8s.Tests.Kubernetes;

public sealed class ManifestCheckerTests
{
    private const string Good = """
        apiVersion: v1
        kind: Service
        metadata:
          name: front
          labels: { tier: web }
        spec:
          type: ClusterIP
          ports:
            - port: 80
              targetPort: http
              protocol: TCP
        """;

    [Fact]
    public void What_fits_has_no_problems() => Assert.Empty(Problems(Good));

    [Theory]
    [InlineData("port: 80", "prt: 80", "ServicePort has no field prt", "ServicePort needs port")]
    [InlineData("port: 80", "port: \"80\"", "Service front.spec.ports[0].port: \"80\" is no integer")]
    [InlineData("protocol: TCP", "protocol: tcp", "tcp is none of TCP, UDP, SCTP")]
    [InlineData("{ tier: web }", "{ tier: 1 }", "Service front.metadata.labels[tier]: 1 is no string")]
    [InlineData("{ tier: web }", "[web]", "is no {string}")]
    [InlineData("targetPort: http", "targetPort: true", "true is no IntOrString")]
    [InlineData("apiVersion: v1", "apiVersion: v2", "there is no kind Service in v2")]
    [InlineData("name: front", "name: Front_1", "metadata.name Front_1 is no DNS name")]
    public void What_does_not_fit_is_named_with_its_place(string was, string becomes, params string[] said)
    {
        string text = Good.Replace(was, becomes, StringComparison.Ordinal);
        string[] problems = [.. Problems(text)];

        Assert.Equal(said.Length, problems.Length);
        Assert.All(said, part => Assert.Contains(problems, p => p.Contains(part, StringComparison.Ordinal)));
    }

    [Fact]
    public void Quantities_are_numbers_with_a_unit()
    {
        const string Claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: { name: a }\nspec: { resources: { requests: { storage: 5Gi } } }";

        Assert.Empty(Problems(Claim));
        Assert.Contains("is no Quantity", Assert.Single(Problems(Claim.Replace("5Gi", "5GB", StringComparison.Ordinal))), StringComparison.Ordinal);
    }

    private static IEnumerable<string> Problems(string text) => ManifestChecker.Problems((JsonObject)Assert.Single(Manifests.Parse(text)));
}

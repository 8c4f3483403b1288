using System.Text.Json.Nodes;
using OrleansAlign.K8s.Tests.Kubernetes;
using OrleansAlign.Tests;

namespace OrleansAlign.K8s.Tests;

public sealed class SecretsTests
{
    [ShellFact]
    public void One_command_prints_both_secrets_for_kubectl()
    {
        IReadOnlyList<JsonObject> made = Make(new Dictionary<string, string>());

        Assert.Empty(made.SelectMany(ManifestChecker.Problems));
        Assert.Equal(["align-token", "align-database"], made.Select(m => m.Name()));
        Assert.Matches("^[0-9a-f]{64}$", made[0].Strings("stringData")["token"]);
        Assert.Matches("^[0-9a-f]{48}$", made[1].Strings("stringData")["password"]);
        Assert.Equal($"Host=align-postgres;Port=5432;Database=align;Username=align;Password={made[1].Strings("stringData")["password"]}",
            made[1].Strings("stringData")["connection"]);
    }

    [ShellFact]
    public void Secrets_differ_from_one_call_to_the_next()
    {
        IReadOnlyList<JsonObject> once = Make(new Dictionary<string, string>()), again = Make(new Dictionary<string, string>());

        Assert.NotEqual(once[0].Strings("stringData")["token"], again[0].Strings("stringData")["token"]);
        Assert.NotEqual(once[1].Strings("stringData")["password"], again[1].Strings("stringData")["password"]);
    }

    [ShellFact]
    public void A_connection_string_of_ones_own_is_taken_as_it_is()
    {
        const string Own = "Host=db.example;Username=a;Password='it''s $HOME \"quoted\" #1'";

        Assert.Equal(Own, Make(new Dictionary<string, string> { ["DATABASE"] = Own })[1].Strings("stringData")["connection"]);
    }

    private static IReadOnlyList<JsonObject> Make(IReadOnlyDictionary<string, string> environment)
    {
        (int code, string output, string error) = Tool.Run("sh", [Repository.At("k8s", "secrets.sh")], environment);
        Assert.Equal((0, ""), (code, error));
        return Manifests.Parse(output);
    }

    [AttributeUsage(AttributeTargets.Method)]
    private sealed class ShellFactAttribute : FactAttribute
    {
        public ShellFactAttribute()
        {
            if (Repository.Root is null) Skip = "the sources are not beside the tests";
            else if (!File.Exists("/dev/urandom")) Skip = "this system has no /dev/urandom";
        }
    }
}

using OrleansAlign.Client.Hosts;

namespace OrleansAlign.Client.Tests.Hosts;

public sealed class HostFlagsTests
{
    private const string Address = "127.0.0.1:30000";

    [Theory]
    [InlineData("status --cluster", "status --cluster=127.0.0.1:30000")]
    [InlineData("status --cluster demo-seed1", "status --cluster=127.0.0.1:30000 demo-seed1")]
    [InlineData("status demo-seed1 --cluster --json out.json", "status demo-seed1 --cluster=127.0.0.1:30000 --json out.json")]
    [InlineData("explain --cluster demo-seed1/1.1.0.0", "explain --cluster=127.0.0.1:30000 demo-seed1/1.1.0.0")]
    [InlineData("status --cluster silo.example:30000", "status --cluster silo.example:30000")]
    [InlineData("status --cluster a:1,[::1]:2 demo-seed1", "status --cluster a:1,[::1]:2 demo-seed1")]
    [InlineData("status --cluster=nowhere", "status --cluster=nowhere")]
    public void Without_an_address_the_cluster_is_that_of_a_silo_without_settings(string given, string meant) =>
        Assert.Equal(meant.Split(' '), HostFlags.Complete(given.Split(' ')));

    [Theory]
    [InlineData("watch is for runs on a cluster; add --cluster, or --cluster HOST:PORT", "watch", "demo-seed1")]
    [InlineData("pause is for runs on a cluster", "pause", "demo-seed1")]
    [InlineData("cancel is for runs on a cluster", "cancel", "demo-seed1")]
    [InlineData("--detach is for runs on a cluster", "run", "recipe.yaml", "--detach")]
    [InlineData("--token is for a cluster", "status", "--token", "secret")]
    [InlineData("--tls is for a cluster", "explain", "demo-seed1/1.1.0", "--tls")]
    [InlineData("--runs is for runs in folders of this machine", "status", "--runs", "runs", "--cluster", Address)]
    [InlineData("--threads is about this machine", "run", "recipe.yaml", "--threads", "2", "--cluster", Address)]
    [InlineData("--device is about this machine", "judge", "-", "--judge", "demo-seed1", "--device", "cpu", "--cluster", Address)]
    public async Task Options_that_do_not_go_together_are_named(string message, params string[] args)
    {
        Ending ending = await Align.RunAsync("", args);

        Assert.Equal(2, ending.Code);
        Assert.StartsWith($"align: {message}", ending.Error, StringComparison.Ordinal);
    }
}

namespace OrleansAlign.Client.Tests.Hosts;

public sealed class HostFlagsTests
{
    private const string Address = "127.0.0.1:30000";

    [Theory]
    [InlineData("watch is for runs on a cluster; name one with --cluster HOST:PORT", "watch", "demo-seed1")]
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

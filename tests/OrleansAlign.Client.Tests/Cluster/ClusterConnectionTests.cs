using System.Net;
using System.Net.Sockets;
using OrleansAlign.Client.Cluster;
using OrleansAlign.Client.Terminal;

namespace OrleansAlign.Client.Tests.Cluster;

public sealed class ClusterConnectionTests
{
    [Fact]
    public async Task Where_nobody_listens_one_line_says_so()
    {
        string address = $"127.0.0.1:{FreePort()}";

        (await Align.RunAsync(null, "status", "--cluster", address)).IsRefusal(
            $"no silo answers at {address} within 10 s", "./align silo", "Align:GatewayPort");
    }

    [Fact]
    public async Task What_listens_but_is_no_silo_is_told_apart()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        string address = $"127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";

        BadInputException error = await Assert.ThrowsAsync<BadInputException>(() => OpenAsync(address, TimeSpan.FromSeconds(1)));

        Assert.StartsWith(
            $"something listens at {address}, but no silo of cluster align answers within 1 s; check the port (Align:GatewayPort), --cluster-id and --tls",
            error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public async Task Who_cancels_does_not_wait()
    {
        using var cancel = new CancellationTokenSource();
        Task open = OpenAsync($"127.0.0.1:{FreePort()}", TimeSpan.FromMinutes(10), cancel.Token);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => open);
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData(":30000")]
    [InlineData("localhost:")]
    [InlineData("localhost:0")]
    [InlineData("localhost:70000")]
    [InlineData("::1:30000")]
    [InlineData("a:1,b")]
    [InlineData("")]
    public async Task An_address_that_is_none_is_refused(string address) =>
        Assert.Contains("is not HOST:PORT; give the address and gateway port of a silo",
            (await Assert.ThrowsAsync<BadInputException>(() => OpenAsync(address, TimeSpan.FromSeconds(1)))).Message, StringComparison.Ordinal);

    [Fact]
    public void Several_addresses_stand_in_for_each_other() =>
        Assert.Equal(
            [("a.example", 1), ("::1", 30000), ("10.0.0.1", 65535)], new ClusterAccess("a.example:1,[::1]:30000,10.0.0.1:65535", "align", null, null).Parse());

    [Fact]
    public void Certificates_that_cannot_be_read_are_named()
    {
        using var model = new SmallModel();
        string config = Path.Combine(model.Folder, "config.json");

        Assert.Null(TlsAccess.Of(false, null, null));
        Assert.NotNull(TlsAccess.Of(true, null, null));
        Assert.Contains("--tls-authority nowhere.pem: there is no such file; give a PEM file",
            Assert.Throws<BadInputException>(() => TlsAccess.Of(true, "nowhere.pem", null)).Message, StringComparison.Ordinal);
        Assert.Contains(
            "there is no certificate in it", Assert.Throws<BadInputException>(() => TlsAccess.Of(true, config, null)).Message, StringComparison.Ordinal);
        Assert.Contains(
            $"--tls-certificate {config}: ", Assert.Throws<BadInputException>(() => TlsAccess.Of(true, null, config)).Message, StringComparison.Ordinal);
    }

    private static async Task OpenAsync(string address, TimeSpan patience, CancellationToken cancel = default)
    {
        await using ClusterConnection connection = await ClusterConnection.OpenAsync(
            new ClusterAccess(address, "align", null, null) { Patience = patience, AnswerPatience = patience }, TimeProvider.System, cancel);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

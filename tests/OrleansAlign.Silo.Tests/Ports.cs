using System.Net;
using System.Net.Sockets;

namespace OrleansAlign.Silo.Tests;

/// <summary>Ports that are free, and given out only once in this process.</summary>
internal static class Ports
{
    private static readonly Lock Gate = new();

    // Below the ports of outgoing connections, and from a start that differs between test processes.
    private static int next = 20_000 + (Environment.ProcessId * 37 % 10_000);

    public static int Free()
    {
        lock (Gate)
        {
            while (true)
            {
                next = next >= 31_000 ? 20_000 : next + 1;
                try
                {
                    using TcpListener probe = new(IPAddress.Loopback, next);
                    probe.Start();
                    return next;
                }
                catch (SocketException error) when (error.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
                {
                }
            }
        }
    }
}

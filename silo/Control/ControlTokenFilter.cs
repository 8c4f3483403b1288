using OrleansAlign.Grains.Contracts;

namespace OrleansAlign.Silo.Control;

/// <summary>Turns away calls of clients that do not know the token. Grains and silos among each other need none.</summary>
/// <remarks>
/// It keeps honest clients of another cluster, and people without the token, from the runs. Who can open connections to a silo's ports and speaks the
/// protocol with a sender of its own making is kept out by TLS with an authority, and by the network.
/// </remarks>
/// <param name="check">The token.</param>
public sealed class ControlTokenFilter(TokenCheck check) : IIncomingGrainCallFilter
{
    /// <summary>What clients ask as they connect: which kinds of grains there are. Refused, they would try again for ever and never say why.</summary>
    private static readonly GrainType Manifest = GrainType.Create(GrainTypePrefix.SystemTargetPrefix + "manifest");

    /// <inheritdoc/>
    public Task Invoke(IIncomingGrainCallContext context)
    {
        if ((context.SourceId is { } source && !source.IsClient()) || context.TargetId.Type == Manifest) return context.Invoke();

        object? sent = RequestContext.Get(ControlToken.Key);
        return check.Accepts(sent as string)
            ? context.Invoke()
            : throw new UnauthorizedAccessException(sent is null
                ? "this cluster asks its clients for a token, and none was sent; give the client the token that the silos have as Align:Token"
                : "wrong token: it is not the one that the silos have as Align:Token");
    }
}

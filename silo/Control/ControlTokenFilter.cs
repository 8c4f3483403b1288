using OrleansAlign.Grains.Contracts;

namespace OrleansAlign.Silo.Control;

/// <summary>Refuses calls of clients that do not send the token. Calls between grains and silos need none.</summary>
/// <remarks>
/// The filter protects runs from clients of another cluster and from people without the token. A program that can reach a silo's ports and forges the
/// sender of a call passes it; TLS with an authority, or the network, keeps such a program out.
/// </remarks>
/// <param name="check">The token.</param>
public sealed class ControlTokenFilter(TokenCheck check) : IIncomingGrainCallFilter
{
    /// <summary>The list of grain types, which clients ask for as they connect. A client that is refused here retries for ever without an error.</summary>
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

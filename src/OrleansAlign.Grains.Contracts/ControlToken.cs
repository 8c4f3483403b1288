namespace OrleansAlign.Grains.Contracts;

/// <summary>The secret that a cluster may ask of its clients.</summary>
public static class ControlToken
{
    /// <summary>Key of the request context under which a client's calls carry it.</summary>
    public const string Key = "align.token";
}

/// <summary>Gives every call the token that the cluster asks for.</summary>
/// <param name="token">The token.</param>
public sealed class ControlTokenSender(string token) : IOutgoingGrainCallFilter
{
    /// <inheritdoc/>
    public Task Invoke(IOutgoingGrainCallContext context)
    {
        RequestContext.Set(ControlToken.Key, token);
        return context.Invoke();
    }
}

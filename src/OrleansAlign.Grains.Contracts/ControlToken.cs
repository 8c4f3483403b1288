namespace OrleansAlign.Grains.Contracts;

/// <summary>The secret that a cluster may require of its clients' calls.</summary>
public static class ControlToken
{
    /// <summary>Key of the token in the request context of a client's calls.</summary>
    public const string Key = "align.token";
}

/// <summary>Adds the token that the cluster requires to every call.</summary>
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

using System.Security.Cryptography;
using System.Text;

namespace OrleansAlign.Silo.Control;

/// <summary>Compares what was sent with the token, in a time that tells nothing about it.</summary>
/// <param name="token">The token.</param>
public sealed class TokenCheck(string token)
{
    private readonly byte[] hash = Hash(token);

    /// <summary>What a browser keeps in the token's place, so that the token itself is nowhere stored.</summary>
    public string Cookie { get; } = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(token), "align dashboard"u8));

    /// <summary>Whether it is the token.</summary>
    public bool Accepts(string? sent) => sent is not null && CryptographicOperations.FixedTimeEquals(Hash(sent), hash);

    /// <summary>Whether it is the token's cookie.</summary>
    public bool AcceptsCookie(string? sent) => sent is not null && CryptographicOperations.FixedTimeEquals(Hash(sent), Hash(Cookie));

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}

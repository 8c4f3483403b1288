using System.Security.Cryptography;
using System.Text;

namespace OrleansAlign.Silo.Control;

/// <summary>Compares text with the token in constant time, so that the time of an answer tells nothing about the token.</summary>
/// <param name="token">The token.</param>
public sealed class TokenCheck(string token)
{
    private readonly byte[] hash = Hash(token);

    /// <summary>Value of the cookie that stands for the token, so that a browser never stores the token itself.</summary>
    public string Cookie { get; } = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(token), "align dashboard"u8));

    /// <summary>Whether the text is the token.</summary>
    public bool Accepts(string? sent) => sent is not null && CryptographicOperations.FixedTimeEquals(Hash(sent), hash);

    /// <summary>Whether the text is the cookie's value.</summary>
    public bool AcceptsCookie(string? sent) => sent is not null && CryptographicOperations.FixedTimeEquals(Hash(sent), Hash(Cookie));

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}

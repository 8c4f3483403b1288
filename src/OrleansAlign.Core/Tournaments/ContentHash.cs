using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using OrleansAlign.Models.Chat;

namespace OrleansAlign.Core.Tournaments;

/// <summary>Names of texts and conversations by what they say: 128 bits of SHA-256, as 32 hexadecimal digits.</summary>
public static class ContentHash
{
    /// <summary>The name of a text.</summary>
    public static string Of(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));

    /// <summary>The name of a conversation.</summary>
    public static string Of(IReadOnlyList<ChatMessage> messages) => Of(JsonSerializer.Serialize(messages.Select(m => new { m.Role, m.Content, m.Extra })));
}

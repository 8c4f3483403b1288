using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansAlign.Models.Chat;

namespace OrleansAlign.Core.Ledger;

/// <summary>Hashes of texts and conversations: the first 128 bits of SHA-256, as 32 hexadecimal digits.</summary>
public static class ContentHash
{
    /// <summary>The hash of a text.</summary>
    public static string Of(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));

    /// <summary>The hash of a conversation, together with the check that scores answers to it, if there is one.</summary>
    public static string Of(IReadOnlyList<ChatMessage> messages, JsonObject? check = null)
    {
        string conversation = JsonSerializer.Serialize(messages.Select(m => new { m.Role, m.Content, m.Extra }));
        return Of(check is null ? conversation : $"{conversation}\n{check.ToJsonString()}");
    }
}

using OrleansAlign.Models.Chat;

namespace OrleansAlign.Devices;

/// <summary>Estimated size of a piece of work, known before its text is tokenized. Results do not depend on it.</summary>
/// <param name="Sequences">Sequences that the engine sees.</param>
/// <param name="Tokens">Their tokens.</param>
internal readonly record struct WorkSize(int Sequences, long Tokens)
{
    private const int CharactersPerToken = 4;

    public static WorkSize operator +(WorkSize a, WorkSize b) => new(a.Sequences + b.Sequences, a.Tokens + b.Tokens);

    public static WorkSize operator -(WorkSize a, WorkSize b) => new(a.Sequences - b.Sequences, a.Tokens - b.Tokens);

    /// <summary>Size of a number of sequences, each with a text of a number of characters and a number of new tokens.</summary>
    public static WorkSize Of(int sequences, long characters, int newTokens) => new(sequences, sequences * ((characters / CharactersPerToken) + newTokens));

    public static long Characters(IReadOnlyList<ChatMessage> messages) => messages.Sum(message => (long)message.Content.Length);
}

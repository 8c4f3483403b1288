using OrleansAlign.Core.Data;
using OrleansAlign.Models.Chat;
using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Text;
using OrleansAlign.Models.Tokenizers;

namespace OrleansAlign.Core.Policies;

/// <summary>The one way from conversations to tokens: prompts to answer, rows to imitate and questions to a judge all pass through here.</summary>
/// <remarks>
/// A rendered template is encoded without added special tokens, since templates write their own. Content never becomes a control token.
/// </remarks>
public sealed class ConversationEncoder
{
    private readonly ChatTemplate template;

    /// <summary>Reads tokenizer and chat template of a model's folder.</summary>
    /// <exception cref="InvalidDataException">A file is missing or broken, or no id ends a turn.</exception>
    public ConversationEncoder(string folder, ModelConfig config)
    {
        Tokenizer = Tokenizer.Load(folder);
        template = ChatTemplate.Load(folder, new ChatTemplateOptions { Time = StoppedClock.Instance })
            ?? throw new InvalidDataException($"{folder}: no chat template; add chat_template to tokenizer_config.json, or a file chat_template.jinja");
        if (Tokenizer.VocabularySize > config.VocabularySize)
        {
            throw new InvalidDataException(
                $"{folder}: tokenizer.json has ids up to {Tokenizer.VocabularySize - 1}, the model's vocab_size is {config.VocabularySize}; "
                + "they do not belong together");
        }

        EndOfTurn = Tokenizer.EosTokenId ?? (config.EosTokenIds.Count > 0
            ? config.EosTokenIds[0]
            : throw new InvalidDataException(
                $"{folder}: neither tokenizer_config.json (eos_token) nor config.json (eos_token_id) says what ends a turn; add one"));
        StopTokens = [.. config.EosTokenIds.Append(EndOfTurn).Distinct()];
        ContextLength = config.ContextLength;
    }

    /// <summary>The tokenizer.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>The id that is trained as the end of a response.</summary>
    public int EndOfTurn { get; }

    /// <summary>Every id that ends a response.</summary>
    public IReadOnlyList<int> StopTokens { get; }

    /// <summary>Longest sequence of the model.</summary>
    public int ContextLength { get; }

    /// <summary>A conversation, ready for the assistant's turn.</summary>
    public int[] Prompt(IReadOnlyList<ChatMessage> messages) => Tokenizer.Encode(template.Render(messages, addGenerationPrompt: true));

    /// <summary>A message for each prompt that leaves no room for an answer; empty if all prompts fit.</summary>
    public IEnumerable<string> TooLong(IEnumerable<Prompt> prompts) =>
        from prompt in prompts
        let length = Prompt(prompt.Messages).Length
        where length >= ContextLength
        select $"prompt {prompt.Id} is {length} tokens long; the model's context is {ContextLength}, which leaves no room to answer: shorten or remove it";

    /// <summary>A conversation with its answer; the answer and the end of the turn are trained.</summary>
    public TokenSequence Row(IReadOnlyList<ChatMessage> messages, string answer) =>
        Row(template.Render(messages, addGenerationPrompt: true), answer, endTurn: true);

    /// <summary>A conversation whose assistant turn begins with <paramref name="prefix"/>, followed by <paramref name="answer"/>.</summary>
    /// <param name="messages">The conversation.</param>
    /// <param name="prefix">Frame after the assistant's mark, part of the prompt.</param>
    /// <param name="answer">The text that is trained.</param>
    /// <param name="endTurn">Whether the end of the turn is trained too.</param>
    public TokenSequence Row(IReadOnlyList<ChatMessage> messages, string prefix, string answer, bool endTurn) => Row(Frame(messages, prefix), answer, endTurn);

    /// <summary>A conversation whose assistant turn begins with <paramref name="prefix"/>.</summary>
    public int[] Prompt(IReadOnlyList<ChatMessage> messages, string prefix) => Tokenizer.Encode(Frame(messages, prefix));

    /// <summary>A response as text, without control tokens.</summary>
    public string Text(ReadOnlySpan<int> tokens) => Tokenizer.Decode(tokens);

    private MarkedText Frame(IReadOnlyList<ChatMessage> messages, string prefix) =>
        Append(template.Render(messages, addGenerationPrompt: true), prefix, isContent: false);

    private TokenSequence Row(MarkedText prompt, string answer, bool endTurn)
    {
        int[] head = Tokenizer.Encode(prompt);
        int[] whole = Tokenizer.Encode(Append(prompt, answer, isContent: true));

        // Where the tokenizer would join the prompt's end with the answer's beginning, the prompt's own ids are kept: the policy is asked with them.
        int[] tail = whole.AsSpan().StartsWith(head) ? whole[head.Length..] : Tokenizer.Encode(MarkedText.OfContent(answer));
        return new TokenSequence([.. head, .. tail, .. endTurn ? (ReadOnlySpan<int>)[EndOfTurn] : []], head.Length);
    }

    private static MarkedText Append(MarkedText text, string piece, bool isContent) => new MarkedText.Builder().Append(text).Append(piece, isContent).Build();
}

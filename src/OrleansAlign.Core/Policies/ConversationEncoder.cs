using System.Text.Json.Nodes;
using OrleansAlign.Core.Data;
using OrleansAlign.Models.Chat;
using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Text;
using OrleansAlign.Models.Tokenizers;

namespace OrleansAlign.Core.Policies;

/// <summary>The one way from conversations to tokens: prompts to answer, rows to imitate and questions to a judge all pass through here.</summary>
/// <remarks>
/// A rendered template is encoded without added special tokens, since templates write their own. A prompt's content never becomes a control token; a
/// demonstration is its owner's text, in which control tokens are what they spell.
/// </remarks>
public sealed class ConversationEncoder
{
    private readonly ChatTemplate template;
    private readonly JsonObject? variables;
    private readonly string endOfTurn;

    /// <summary>Reads tokenizer and chat template of a model's folder.</summary>
    /// <exception cref="InvalidDataException">A file is missing or broken, or no id ends a turn.</exception>
    public ConversationEncoder(string folder, ModelConfig config)
    {
        Tokenizer = Tokenizer.Load(folder, config.VocabularySize);
        template = ChatTemplate.Load(folder, new ChatTemplateOptions { Time = StoppedClock.Instance })
            ?? throw new InvalidDataException($"{folder}: no chat template; add chat_template to tokenizer_config.json, or a file chat_template.jinja");
        int? ofTemplate = EndOfTemplatesTurn(), ofModel = Tokenizer.EosTokenId ?? (config.EosTokenIds.Count > 0 ? config.EosTokenIds[0] : null);
        EndOfTurn = ofTemplate ?? ofModel ?? throw new InvalidDataException(
            $"{folder}: neither the chat template nor tokenizer_config.json (eos_token) nor config.json (eos_token_id) says what ends a turn; add one");
        Tokenizer.RequireUsable(EndOfTurn);
        endOfTurn = Tokenizer.TokenOf(EndOfTurn);
        int?[] stops = [.. config.EosTokenIds, Tokenizer.EosTokenId, EndOfTurn];
        StopTokens = [.. stops.OfType<int>().Distinct()];
        ContextLength = config.ContextLength;
        Notes = ofTemplate is null
            ? [$"{folder}: the chat template ends no turn with a control token; {endOfTurn} is trained as the end of an answer"]
            : config.EosTokenIds.Append(Tokenizer.EosTokenId ?? EndOfTurn).Contains(EndOfTurn)
            ? []
            : [$"{folder}: the chat template ends turns with {endOfTurn}, the model's end-of-text token is another; either of them ends a response"];
    }

    private ConversationEncoder(ConversationEncoder other, JsonObject? variables)
    {
        (template, Tokenizer, EndOfTurn, endOfTurn) = (other.template, other.Tokenizer, other.EndOfTurn, other.endOfTurn);
        (StopTokens, ContextLength, Notes, this.variables) = (other.StopTokens, other.ContextLength, other.Notes, variables);
    }

    /// <summary>The tokenizer.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>The id that is trained as the end of a response: the template's own, or the model's end-of-text token where the template writes none.</summary>
    public int EndOfTurn { get; }

    /// <summary>Every id that ends a response.</summary>
    public IReadOnlyList<int> StopTokens { get; }

    /// <summary>Longest sequence of the model.</summary>
    public int ContextLength { get; }

    /// <summary>What a user should know about how this model's turns end; usually nothing.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>The same encoder, whose template sees variables such as <c>enable_thinking</c> in every conversation.</summary>
    /// <param name="added">The variables; those of a row, given with the row, come before them.</param>
    public ConversationEncoder With(JsonObject? added) => added is null ? this : new ConversationEncoder(this, Merged(added));

    /// <summary>The template's variables for a conversation: the encoder's own, and a row's, which come first.</summary>
    public JsonObject? Merged(JsonObject? row)
    {
        if (variables is null || row is null) return row ?? variables;
        JsonObject merged = variables.DeepClone().AsObject();
        foreach ((string name, JsonNode? value) in row) merged[name] = value?.DeepClone();
        return merged;
    }

    /// <summary>A conversation, ready for the assistant's turn.</summary>
    /// <param name="messages">The conversation.</param>
    /// <param name="row">The row's own variables of the template, if it has any.</param>
    public int[] Prompt(IReadOnlyList<ChatMessage> messages, JsonObject? row = null) => Tokenizer.Encode(Opened(messages, row));

    /// <summary>A conversation whose assistant turn begins with <paramref name="prefix"/>.</summary>
    public int[] Prompt(IReadOnlyList<ChatMessage> messages, string prefix) => Tokenizer.Encode(Frame(messages, prefix));

    /// <summary>A message for each prompt that leaves no room for an answer; empty if all prompts fit.</summary>
    public IEnumerable<string> TooLong(IEnumerable<Prompt> prompts) =>
        from prompt in prompts
        let length = Prompt(prompt.Messages, prompt.Variables).Length
        where length >= ContextLength
        select $"prompt {prompt.Id} is {length} tokens long; the model's context is {ContextLength}, which leaves no room to answer: shorten or remove it";

    /// <summary>
    /// A demonstration: the tokens of the whole rendered conversation, of which the last turn's answer is trained, with the end of its turn and with all that
    /// the template writes of it.
    /// </summary>
    /// <param name="messages">The conversation; its last turn is the answer.</param>
    /// <param name="row">The row's own variables of the template, if it has any.</param>
    /// <exception cref="InvalidDataException">The template writes nothing of the answer.</exception>
    public TokenSequence Demonstration(IReadOnlyList<ChatMessage> messages, JsonObject? row = null)
    {
        (MarkedText whole, int start, int end) = Answered(messages, row);
        int[] tokens = Encoded(whole.Text), trained = Encoded(whole.Text[..end]);
        int first = tokens.AsSpan().CommonPrefixLength(Encoded(whole.Text[..start])), last = tokens.AsSpan().CommonPrefixLength(trained);
        if (Array.IndexOf(tokens, EndOfTurn, first, last - first) < 0) (tokens, last) = ([.. tokens[..last], EndOfTurn], last + 1);
        return new TokenSequence(tokens, first)
        {
            Trained = last == tokens.Length ? null : [.. Enumerable.Range(first, tokens.Length - first).Select(i => i < last)],
        };
    }

    /// <summary>
    /// An answer that the data gives to a prompt, after exactly the tokens with which a policy is asked the prompt; the answer is its owner's text.
    /// </summary>
    /// <param name="messages">The prompt.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="row">The row's own variables of the template, if it has any.</param>
    public TokenSequence Answer(IReadOnlyList<ChatMessage> messages, string answer, JsonObject? row = null)
    {
        MarkedText prompt = Opened(messages, row);
        (MarkedText whole, int start, int end) = Answered([.. messages, new ChatMessage("assistant", answer)], row);
        string written = whole.Text.StartsWith(prompt.Text, StringComparison.Ordinal) ? whole.Text[prompt.Text.Length..end] : answer;
        TokenSequence sequence = Continued(prompt, written, isContent: false, endTurn: false);
        return sequence.Tokens[^1] == EndOfTurn ? sequence : sequence with { Tokens = [.. sequence.Tokens, EndOfTurn] };
    }

    /// <summary>A conversation whose assistant turn begins with <paramref name="prefix"/>, followed by <paramref name="answer"/>.</summary>
    /// <param name="messages">The conversation.</param>
    /// <param name="prefix">Frame after the assistant's mark, part of the prompt.</param>
    /// <param name="answer">The text that is trained.</param>
    /// <param name="endTurn">Whether the end of the turn is trained too.</param>
    public TokenSequence Row(IReadOnlyList<ChatMessage> messages, string prefix, string answer, bool endTurn) =>
        Continued(Frame(messages, prefix), answer, isContent: true, endTurn);

    /// <summary>A response as text, without control tokens.</summary>
    public string Text(ReadOnlySpan<int> tokens) => Tokenizer.Decode(tokens);

    private MarkedText Opened(IReadOnlyList<ChatMessage> messages, JsonObject? row) => template.Render(messages, addGenerationPrompt: true, Merged(row));

    private MarkedText Frame(IReadOnlyList<ChatMessage> messages, string prefix) => Append(Opened(messages, row: null), prefix, isContent: false);

    /// <summary>A conversation rendered with its last turn in place, and where that turn's answer begins and its end of turn ends.</summary>
    private (MarkedText Whole, int Start, int End) Answered(IReadOnlyList<ChatMessage> messages, JsonObject? row)
    {
        MarkedText whole = template.Render(messages, addGenerationPrompt: false, Merged(row));
        string opened = Opened([.. messages.SkipLast(1)], row).Text;
        int start = opened.AsSpan().CommonPrefixLength(whole.Text);

        // A template may open a turn otherwise than it writes a finished one, as with an empty thought. What both share may reach into the answer.
        if (start < opened.Length)
        {
            while (start > 0 && whole.IsContent(start - 1)) start--;
        }

        if (string.IsNullOrWhiteSpace(whole.Text[start..]))
        {
            throw new InvalidDataException(
                "the chat template writes nothing of the last answer, so there is nothing to train on; remove the row, or give the model another template");
        }

        int content = whole.Content.Count > 0 ? Math.Max(start, whole.Content[^1].End) : start;
        int found = whole.Text.IndexOf(endOfTurn, content, StringComparison.Ordinal);
        return (whole, start, found < 0 ? whole.Text.Length : found + endOfTurn.Length);
    }

    private TokenSequence Continued(MarkedText prompt, string answer, bool isContent, bool endTurn)
    {
        int[] head = Tokenizer.Encode(prompt), whole = Tokenizer.Encode(Append(prompt, answer, isContent));

        // Where the tokenizer would join the prompt's end with the answer's beginning, the prompt's own ids are kept: the policy is asked with them.
        int[] tail = whole.AsSpan().StartsWith(head)
            ? whole[head.Length..]
            : Tokenizer.Encode(isContent ? MarkedText.OfContent(answer) : MarkedText.OfFrame(answer));
        return new TokenSequence([.. head, .. tail, .. endTurn ? (ReadOnlySpan<int>)[EndOfTurn] : []], head.Length);
    }

    /// <summary>The control token that the template writes after an answer; null if it writes none.</summary>
    private int? EndOfTemplatesTurn()
    {
        try
        {
            MarkedText probe = template.Render([new ChatMessage("user", "question"), new ChatMessage("assistant", "answer")], addGenerationPrompt: false);
            int[] after = Encoded(probe.Text[(probe.Content.Count > 0 ? probe.Content[^1].End : 0)..]);
            int at = Array.FindIndex(after, Tokenizer.IsControl);
            return at < 0 ? null : after[at];
        }
        catch (ChatTemplateException)
        {
            // A template may demand what this conversation lacks, such as a system message or a tool.
            return null;
        }
    }

    private int[] Encoded(string text) => Tokenizer.Encode(MarkedText.OfFrame(text));

    private static MarkedText Append(MarkedText text, string piece, bool isContent) => new MarkedText.Builder().Append(text).Append(piece, isContent).Build();
}

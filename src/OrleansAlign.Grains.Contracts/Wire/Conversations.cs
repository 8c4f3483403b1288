using System.Text.Json.Nodes;
using OrleansAlign.Core.Ports;
using OrleansAlign.Models.Chat;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Text;

namespace OrleansAlign.Grains.Contracts.Wire;

/// <param name="Role">As in the message.</param>
/// <param name="Content">As in the message.</param>
/// <param name="Extra">The message's further fields, as JSON.</param>
/// <param name="Marked">The marked text; null if the message has none.</param>
/// <param name="Spans">Start and end of each span of the marked text that is content from outside, one after the other.</param>
/// <param name="OmitsContent">As in the message.</param>
[GenerateSerializer, Immutable]
internal readonly record struct ChatMessageWire(
    [property: Id(0)] string Role, [property: Id(1)] string Content, [property: Id(2)] string? Extra,
    [property: Id(3)] string? Marked, [property: Id(4)] int[]? Spans, [property: Id(5)] bool OmitsContent);

[RegisterConverter]
internal sealed class ChatMessageConverter : IConverter<ChatMessage, ChatMessageWire>
{
    public ChatMessageWire ConvertToSurrogate(in ChatMessage value) => new(
        value.Role, value.Content, value.Extra?.ToJsonString(), value.Marked?.Text,
        value.Marked is { } marked ? [.. marked.Content.SelectMany(s => new[] { s.Start, s.End })] : null, value.OmitsContent);

    public ChatMessage ConvertFromSurrogate(in ChatMessageWire wire) => new(wire.Role, wire.Content)
    {
        Extra = JsonFields.Read(wire.Extra),
        Marked = wire.Marked is { } text ? Mark(text, wire.Spans!) : null,
        OmitsContent = wire.OmitsContent,
    };

    private static MarkedText Mark(string text, int[] spans)
    {
        var marked = new MarkedText.Builder();
        for (int i = 0; i < spans.Length; i += 2)
        {
            marked.Append(text.AsSpan()[marked.Length..spans[i]], isContent: false).Append(text.AsSpan()[spans[i]..spans[i + 1]], isContent: true);
        }

        return marked.Append(text.AsSpan()[marked.Length..], isContent: false).Build();
    }
}

[GenerateSerializer, Immutable]
internal readonly record struct SamplingOptionsWire(
    [property: Id(0)] double Temperature, [property: Id(1)] int TopK, [property: Id(2)] double TopP, [property: Id(3)] double MinP,
    [property: Id(4)] int MaxNewTokens);

[RegisterConverter]
internal sealed class SamplingOptionsConverter : IConverter<SamplingOptions, SamplingOptionsWire>
{
    public SamplingOptionsWire ConvertToSurrogate(in SamplingOptions value) => new(value.Temperature, value.TopK, value.TopP, value.MinP, value.MaxNewTokens);

    public SamplingOptions ConvertFromSurrogate(in SamplingOptionsWire wire) =>
        new() { Temperature = wire.Temperature, TopK = wire.TopK, TopP = wire.TopP, MinP = wire.MinP, MaxNewTokens = wire.MaxNewTokens };
}

[GenerateSerializer, Immutable]
internal readonly record struct GenerationRequestWire(
    [property: Id(0)] ChatMessage[] Messages, [property: Id(1)] ulong Seed, [property: Id(2)] SamplingOptions Options, [property: Id(3)] string? Variables);

[RegisterConverter]
internal sealed class GenerationRequestConverter : IConverter<GenerationRequest, GenerationRequestWire>
{
    public GenerationRequestWire ConvertToSurrogate(in GenerationRequest value) =>
        new(value.Messages.AsArray(), value.Seed, value.Options, value.Variables?.ToJsonString());

    public GenerationRequest ConvertFromSurrogate(in GenerationRequestWire wire) =>
        new(wire.Messages, wire.Seed, wire.Options) { Variables = JsonFields.Read(wire.Variables) };
}

[GenerateSerializer, Immutable]
internal readonly record struct GeneratedResponseWire(
    [property: Id(0)] int[] PromptTokens, [property: Id(1)] int[] Tokens, [property: Id(2)] float[] LogProbs, [property: Id(3)] int Finish,
    [property: Id(4)] string Text);

[RegisterConverter]
internal sealed class GeneratedResponseConverter : IConverter<GeneratedResponse, GeneratedResponseWire>
{
    public GeneratedResponseWire ConvertToSurrogate(in GeneratedResponse value) =>
        new(value.PromptTokens, value.Tokens, value.LogProbs, (int)value.Finish, value.Text);

    public GeneratedResponse ConvertFromSurrogate(in GeneratedResponseWire wire) =>
        new(wire.PromptTokens, wire.Tokens, wire.LogProbs, (FinishReason)wire.Finish, wire.Text);
}

[GenerateSerializer, Immutable]
internal readonly record struct TokenSequenceWire([property: Id(0)] int[] Tokens, [property: Id(1)] int PromptLength, [property: Id(2)] bool[]? Trained);

[RegisterConverter]
internal sealed class TokenSequenceConverter : IConverter<TokenSequence, TokenSequenceWire>
{
    public TokenSequenceWire ConvertToSurrogate(in TokenSequence value) => new(value.Tokens, value.PromptLength, value.Trained);

    public TokenSequence ConvertFromSurrogate(in TokenSequenceWire wire) => new(wire.Tokens, wire.PromptLength) { Trained = wire.Trained };
}

[GenerateSerializer, Immutable]
internal readonly record struct JudgeQuestionWire(
    [property: Id(0)] ChatMessage[] Messages, [property: Id(1)] string A, [property: Id(2)] string B, [property: Id(3)] string? Check);

[RegisterConverter]
internal sealed class JudgeQuestionConverter : IConverter<JudgeQuestion, JudgeQuestionWire>
{
    public JudgeQuestionWire ConvertToSurrogate(in JudgeQuestion value) => new(value.Messages.AsArray(), value.A, value.B, value.Check?.ToJsonString());

    public JudgeQuestion ConvertFromSurrogate(in JudgeQuestionWire wire) => new(wire.Messages, wire.A, wire.B) { Check = JsonFields.Read(wire.Check) };
}

[GenerateSerializer, Immutable]
internal readonly record struct RatedResponseWire([property: Id(0)] ChatMessage[] Messages, [property: Id(1)] string Response, [property: Id(2)] string? Check);

[RegisterConverter]
internal sealed class RatedResponseConverter : IConverter<RatedResponse, RatedResponseWire>
{
    public RatedResponseWire ConvertToSurrogate(in RatedResponse value) => new(value.Messages.AsArray(), value.Response, value.Check?.ToJsonString());

    public RatedResponse ConvertFromSurrogate(in RatedResponseWire wire) => new(wire.Messages, wire.Response) { Check = JsonFields.Read(wire.Check) };
}

internal static class JsonFields
{
    /// <summary>An object from its JSON, such as a prompt's check.</summary>
    public static JsonObject? Read(string? json) => json is null ? null : JsonNode.Parse(json)!.AsObject();
}

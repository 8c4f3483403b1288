using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansAlign.Models.Text;

namespace OrleansAlign.Models.Chat;

/// <summary>One turn of a conversation.</summary>
/// <param name="Role">Who speaks: <c>system</c>, <c>user</c>, <c>assistant</c>, <c>tool</c>.</param>
/// <param name="Content">What was said.</param>
public sealed record ChatMessage(string Role, string Content)
{
    /// <summary>Further fields that published templates read (<c>tool_calls</c>, <c>reasoning_content</c>, <c>name</c>); null if none.</summary>
    /// <remarks>
    /// A field named <c>content</c> stands in for <see cref="Content"/>, which must then be empty: null for a turn that only calls tools,
    /// a list for a turn made of parts. A field named <c>role</c> is an error.
    /// </remarks>
    public JsonObject? Extra { get; init; }

    /// <summary>
    /// <see cref="Content"/> with marks of its own, for a turn whose own text is a frame around outside content: a judge's question
    /// around two responses. Null, the default, marks the whole of <see cref="Content"/> as coming from outside.
    /// </summary>
    /// <remarks>Its text must equal <see cref="Content"/>; rendering refuses it otherwise.</remarks>
    public MarkedText? Marked { get; init; }

    /// <summary>True when the turn has no field <c>content</c> at all, which some templates tell from an empty one; false by default.</summary>
    public bool OmitsContent { get; init; }

    /// <summary>A turn whose text is a frame around content, as <paramref name="marked"/> marks it.</summary>
    public static ChatMessage Of(string role, MarkedText marked) => new(role, marked.Text) { Marked = marked };

    /// <summary>
    /// Reads a turn as data sets and HTTP interfaces write it: <c>role</c>, <c>content</c> (text, null, parts or absent) and further
    /// fields.
    /// </summary>
    /// <exception cref="InvalidDataException">There is no text named <c>role</c>.</exception>
    public static ChatMessage FromJson(JsonObject json)
    {
        if (json["role"] is not JsonValue role || role.GetValueKind() != JsonValueKind.String)
            throw new InvalidDataException("A message must have a text named 'role', such as \"user\"; this one has none.");

        var extra = new JsonObject();
        foreach ((string name, JsonNode? field) in json)
            if (name is not ("role" or "content")) extra[name] = field?.DeepClone();

        bool present = json.TryGetPropertyValue("content", out JsonNode? content);
        bool isText = content is JsonValue value && value.GetValueKind() == JsonValueKind.String;
        if (present && !isText) extra["content"] = content?.DeepClone();
        return new ChatMessage(role.GetValue<string>(), isText ? content!.GetValue<string>() : "")
        {
            Extra = extra.Count > 0 ? extra : null,
            OmitsContent = !present,
        };
    }
}

using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrleansAlign.Client.Commands;

/// <summary>The option that gives variables to a model's chat template.</summary>
internal sealed class TemplateFlags
{
    private readonly Option<JsonObject?> variables = new("--chat-template")
    {
        Description = "Variables of the chat template, such as '{\"enable_thinking\": false}'.",
        HelpName = "JSON",
        CustomParser = result =>
        {
            string given = result.Tokens[0].Value;
            try
            {
                if (JsonNode.Parse(given) is JsonObject mapping) return mapping;
            }
            catch (JsonException)
            {
                // Reported below, like JSON of another shape.
            }

            result.AddError($"--chat-template {given} is no JSON object; write '{{\"enable_thinking\": false}}'");
            return null;
        },
    };

    /// <summary>Adds the option to a command.</summary>
    public void AddTo(Command command) => command.Add(variables);

    /// <summary>The variables given; null if none were.</summary>
    public JsonObject? Given(ParseResult parsed) => parsed.GetValue(variables);
}

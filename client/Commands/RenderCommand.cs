using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansAlign.Client.Terminal;
using OrleansAlign.Models.Chat;

namespace OrleansAlign.Client.Commands;

/// <summary><c>align render</c>: conversations in, texts out.</summary>
internal static class RenderCommand
{
    private const string Shape = "an object {\"messages\":[{\"role\":…,\"content\":…},…],\"add_generation_prompt\":true|false}";

    public static Command Create()
    {
        Option<string> model = Shared.Model();
        Argument<string?> input = Shared.Input();
        TemplateFlags templateFlags = new();
        var command = new Command("render", "Apply a model's chat template: conversations in, JSON strings out, one per line.") { input, model };
        templateFlags.AddTo(command);
        command.SetAction(parsed =>
        {
            string folder = parsed.GetRequiredValue(model);
            ChatTemplate template = ChatTemplate.Load(folder)
                ?? throw new InvalidDataException($"{folder}: no chat template; add chat_template to tokenizer_config.json, or a file chat_template.jinja");
            using var output = new StreamWriter(Console.OpenStandardOutput());
            foreach ((JsonObject row, string place) in JsonLines.Read<JsonObject>(parsed.GetValue(input), Shape))
            {
                (IReadOnlyList<ChatMessage> messages, bool prompt, JsonObject variables) = Read(row, place);
                foreach ((string name, JsonNode? value) in templateFlags.Given(parsed) ?? []) variables.TryAdd(name, value?.DeepClone());
                JsonLines.Write(output, template.Render(messages, prompt, variables).Text);
            }

            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>A conversation of a JSON object; fields other than the two known ones are handed to the template as variables.</summary>
    private static (IReadOnlyList<ChatMessage> Messages, bool Prompt, JsonObject Variables) Read(JsonObject row, string place)
    {
        if (row["messages"] is not JsonArray array) throw new InvalidDataException($"{place}: no array \"messages\"; each line must be {Shape}");
        List<ChatMessage> messages = [];
        foreach (JsonNode? node in array)
        {
            if (node is not JsonObject message) throw new InvalidDataException($"{place}: message {messages.Count} is no object; each line must be {Shape}");
            try
            {
                messages.Add(ChatMessage.FromJson(message));
            }
            catch (InvalidDataException error)
            {
                throw new InvalidDataException($"{place}: message {messages.Count}: {error.Message}", error);
            }
        }

        JsonObject variables = [];
        foreach ((string key, JsonNode? value) in row)
        {
            if (key is not ("messages" or "add_generation_prompt")) variables[key] = value?.DeepClone();
        }

        bool prompt = row["add_generation_prompt"] switch
        {
            null => false,
            JsonValue value when value.GetValueKind() is JsonValueKind.True or JsonValueKind.False => value.GetValue<bool>(),
            _ => throw new InvalidDataException($"{place}: \"add_generation_prompt\" is neither true nor false; each line must be {Shape}"),
        };
        return (messages, prompt, variables);
    }
}

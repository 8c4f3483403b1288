using System.Text.Json;
using OrleansAlign.Client.Commands;

namespace OrleansAlign.Client.Terminal;

/// <summary>JSON lines in, JSON lines out.</summary>
internal static class JsonLines
{
    private static readonly JsonSerializerOptions Reading = new(Shared.Json) { PropertyNameCaseInsensitive = false };

    /// <summary>Reads a value per line; blank lines are skipped. Errors name file and line.</summary>
    /// <param name="file">Path; null reads standard input.</param>
    /// <param name="shape">What a line must be, for the error message.</param>
    public static IEnumerable<(T Value, string Place)> Read<T>(string? file, string shape)
    {
        using StreamReader reader = Open(file);
        int number = 0;
        while (reader.ReadLine() is { } line)
        {
            number++;
            if (string.IsNullOrWhiteSpace(line)) continue;
            string place = $"{file ?? "standard input"}:{number}";
            T? value;
            try
            {
                value = JsonSerializer.Deserialize<T>(line, Reading);
            }
            catch (JsonException error)
            {
                throw new InvalidDataException($"{place}: {error.Message.Split(" Path:")[0].TrimEnd('.')}; each line must be {shape}", error);
            }

            yield return (value ?? throw new InvalidDataException($"{place}: null; each line must be {shape}"), place);
        }
    }

    /// <summary>Writes a value as a line.</summary>
    public static void Write<T>(TextWriter output, T value)
    {
        output.Write(JsonSerializer.Serialize(value, Shared.Json));
        output.Write('\n');
    }

    private static StreamReader Open(string? file)
    {
        if (file is null or "-") return new StreamReader(Console.OpenStandardInput());
        try
        {
            return new StreamReader(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{file}: {error.Message.TrimEnd('.')}; give a file of JSON lines, or pipe them to standard input");
        }
    }
}

using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansAlign.Models.Chat;
using OrleansAlign.Models.Checkpoints;

namespace OrleansAlign.Models.Tokenizers;

/// <summary>The files of a tokenizer, byte by byte as they were read or made, so that they can be written again.</summary>
/// <param name="path">The directory they were read from or, for a tokenizer that was made here, a word for it.</param>
/// <param name="files">Bytes of each file, by name.</param>
internal sealed class TokenizerFolder(string path, IReadOnlyDictionary<string, byte[]> files)
{
    /// <summary>Model, added tokens and all steps.</summary>
    public const string Main = "tokenizer.json";

    /// <summary>Named special tokens and the chat template.</summary>
    public const string Config = "tokenizer_config.json";

    /// <summary>Named special tokens, as older tools write them.</summary>
    public const string SpecialMap = "special_tokens_map.json";

    /// <summary>These, and the chat template as newer tools write it; further named templates lie in a folder of their own.</summary>
    private static readonly string[] Names = [Main, Config, SpecialMap, "chat_template.jinja", "chat_template.json"];

    /// <summary>The paths, relative to a directory, of a tokenizer's files that are there.</summary>
    public static IEnumerable<string> FilesIn(string directory) =>
        Names.Where(name => File.Exists(Path.Combine(directory, name))).Concat(ChatTemplateFiles.AdditionalFiles(directory));

    private static readonly JsonSerializerOptions Written = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Path of a file, for errors.</summary>
    public string PathOf(string name) => Path.Combine(path, name);

    /// <summary>A file's bytes; null if there is no such file.</summary>
    public byte[]? this[string name] => files.GetValueOrDefault(name);

    /// <summary>Reads a directory.</summary>
    /// <exception cref="InvalidDataException">It has no tokenizer.json.</exception>
    public static TokenizerFolder Read(string directory)
    {
        string main = Path.Combine(directory, Main);
        if (!File.Exists(main)) throw new InvalidDataException($"{main}: missing; give a directory that holds a {Main}");
        Dictionary<string, byte[]> files = [];
        foreach (string name in FilesIn(directory))
        {
            string each = Path.Combine(directory, name);
            files[name] = File.ReadAllBytes(each);
            GitLfs.Refuse(each, files[name]);
        }

        return new TokenizerFolder(directory, files);
    }

    /// <summary>A file's bytes, in this program's layout.</summary>
    public static byte[] Serialize(JsonObject json) => JsonSerializer.SerializeToUtf8Bytes(json, Written);

    /// <summary>Writes the files, each aside and then renamed, so that none is ever seen half written.</summary>
    public void Write(string directory)
    {
        Directory.CreateDirectory(directory);
        foreach ((string name, byte[] bytes) in files)
        {
            string path = Path.Combine(directory, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            AtomicFile.Write(path, stream => stream.Write(bytes));
        }
    }
}

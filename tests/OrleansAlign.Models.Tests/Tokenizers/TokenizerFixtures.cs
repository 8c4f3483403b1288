using System.Text.Json;

namespace OrleansAlign.Models.Tests.Tokenizers;

/// <summary>Published tokenizers with what Hugging Face's own code makes of some texts; they lie outside the repository and may be absent.</summary>
internal static class TokenizerFixtures
{
    /// <summary>Names of the folders that hold a tokenizer and its cases; whatever is dropped in is found.</summary>
    public static IReadOnlyList<string> Names { get; } = Root() is { } root
        ? [.. Directory.GetDirectories(root).Where(folder => File.Exists(Path.Combine(folder, "cases.json"))).Select(folder =>
            Path.GetFileName(folder)!).Order()]
        : [];

    public static string Folder(string name) => Path.Combine(Root()!, name);

    public static IReadOnlyList<TokenizerCase> Cases(string name)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder(name), "cases.json")));
        return
        [
            .. document.RootElement.EnumerateArray().Select(item => new TokenizerCase(
                item.GetProperty("text").GetString()!,
                [.. item.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())],
                [.. item.GetProperty("ids_with_special_tokens").EnumerateArray().Select(id => id.GetInt32())],
                item.GetProperty("decoded").GetString()!)),
        ];
    }

    private static string? Root()
    {
        if (Environment.GetEnvironmentVariable("ALIGN_FIXTURES") is { Length: > 0 } given) return Existing(Path.Combine(given, "tokenizers"));
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (Existing(Path.Combine(at.FullName, "tests", "fixtures", "tokenizers")) is { } own) return own;
            if (!Directory.Exists(Path.Combine(at.FullName, ".git")) && !File.Exists(Path.Combine(at.FullName, ".git"))) continue;
            if (at.Parent is { } parent && Existing(Path.Combine(parent.FullName, "shared", "fixtures", "tokenizers")) is { } shared) return shared;
        }

        return null;
    }

    private static string? Existing(string path) => Directory.Exists(path) ? path : null;
}

/// <summary>One text and what becomes of it.</summary>
internal sealed record TokenizerCase(string Text, int[] Ids, int[] IdsWithSpecialTokens, string Decoded);

/// <summary>A theory over all published tokenizers; skipped where there are none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PublishedTokenizersAttribute : TheoryAttribute
{
    public PublishedTokenizersAttribute()
    {
        if (TokenizerFixtures.Names.Count == 0) Skip = "no published tokenizers are on this machine (set ALIGN_FIXTURES)";
    }
}

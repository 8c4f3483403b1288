using System.Collections.Frozen;

namespace OrleansAlign.Core.Data;

/// <summary>Keys that mean the same beside every shape.</summary>
internal static class KnownKeys
{
    /// <summary>Keys under which a row gives its system message.</summary>
    public static readonly string[] System = ["system", "system_prompt"];

    /// <summary>Keys under which a row gives variables of the chat template.</summary>
    public static readonly string[] Variables = ["chat-template", "chat_template_kwargs"];

    /// <summary>Keys that are read beside every shape.</summary>
    public static readonly FrozenSet<string> Used = [.. System, .. Variables, "tools", "id"];

    // What data sets say about a row rather than to the model.
    private static readonly FrozenSet<string> Metadata =
    [
        "annotator", "author", "authors", "categories", "category", "citation", "created", "created_at", "creator", "data_source", "dataset", "date",
        "datetime", "difficulty", "domain", "finish_reason", "generator", "hash", "index", "lang", "language", "license", "link", "links",
        "meta_data", "metadata", "model", "models", "origin", "provenance", "quality", "rating", "ratings", "repo", "reward", "rewards", "score",
        "scores", "sha256", "source", "sources", "split", "subcategory", "subset", "subtask", "tag", "tags", "task", "task_name", "task_type",
        "teacher", "time", "timestamp", "topic", "topics", "updated_at", "uri", "url", "urls", "usage", "uuid", "version", "worker",
    ];

    private static readonly string[] Endings =
        ["_date", "_id", "_ids", "_hash", "_link", "_model", "_models", "_rating", "_ratings", "_reward", "_score", "_scores", "_source", "_sources", "_time",
         "_timestamp", "_url", "_urls", "_uuid"];

    private static readonly string[] Beginnings = ["rating_", "reward_", "score_", "scores_", "source_"];

    /// <summary>Whether a key names an id, a source, a score, a model or the like, in either spelling of its words.</summary>
    public static bool IsMetadata(string key)
    {
        string plain = key.ToLowerInvariant().Replace('-', '_').Trim('_');
        return Metadata.Contains(plain) || plain is "uid" or "idx" or "ids" or "id"
            || Endings.Any(end => plain.EndsWith(end, StringComparison.Ordinal)) || Beginnings.Any(start => plain.StartsWith(start, StringComparison.Ordinal));
    }
}

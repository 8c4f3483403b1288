namespace OrleansAlign.Models.Tokenizers;

/// <summary>Builds pre-tokenizers, and the scanners of their patterns, from their descriptions in <c>tokenizer.json</c>.</summary>
internal static class PreTokenizerReader
{
    /// <summary>The pattern of GPT-2.</summary>
    public const string Gpt2Pattern = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    /// <summary>The pattern of Llama 3.</summary>
    public const string Llama3Pattern = Contractions + @"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*" + Ending;

    /// <summary>The pattern of Qwen 2, 2.5 and 3.</summary>
    public const string QwenPattern = Contractions + @"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*" + Ending;

    private const string QwenMarksPattern =
        Contractions + @"|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*" + Ending;

    private const string Upper = @"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]";
    private const string Lower = @"[\p{Ll}\p{Lm}\p{Lo}\p{M}]";
    private const string Open = @"[^\r\n\p{L}\p{N}]?";
    private const string Signs = @"| ?[^\s\p{L}\p{N}]+[\r\n/]*";

    private const string Gpt4oPattern = Open + Upper + "*" + Lower + "+" + Contractions + "?|" + Open + Upper + "+" + Lower + "*" + Contractions + "?"
        + @"|\p{N}{1,3}" + Signs + Ending;

    private const string MistralPattern = Open + Upper + "*" + Lower + "+|" + Open + Upper + "+" + Lower + @"*|\p{N}" + Signs + Ending;

    private const string Contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
    private const string Ending = @"|\s*[\r\n]+|\s+(?!\S)|\s+";

    private static readonly Dictionary<string, Scanner> Known = new(StringComparer.Ordinal)
    {
        [Gpt2Pattern] = new Gpt2Scanner(),
        [Llama3Pattern] = new Cl100kScanner(3, marksAreLetters: false),
        [QwenPattern] = new Cl100kScanner(1, marksAreLetters: false),
        [QwenMarksPattern] = new Cl100kScanner(1, marksAreLetters: true),
        [Gpt4oPattern] = new O200kScanner(3, contractions: true),
        [MistralPattern] = new O200kScanner(1, contractions: false),
    };

    /// <summary>Patterns that have a scanner of their own, as they are published.</summary>
    public static IReadOnlyDictionary<string, Scanner> KnownPatterns => Known;

    /// <summary>The pre-tokenizer described at <paramref name="json"/>; null if none is.</summary>
    public static PreTokenizer? Read(JsonPlace json)
    {
        if (json.IsNull) return null;
        string type = json.Required()["type"].Text();
        switch (type)
        {
            case "Sequence":
                return new PreTokenizerSequence([.. json["pretokenizers"].Items().Select(item => Read(item.Required())!)]);
            case "ByteLevel":
                return new ByteLevelPreTokenizer(json["add_prefix_space"].Flag(true), json["use_regex"].Flag(true));
            case "Split":
                return new SplitPreTokenizer(Pattern(json["pattern"]), Behavior(json["behavior"]), json["invert"].Flag(false));
            case "Metaspace":
                (string mark, PrependScheme scheme) = Metaspace(json);
                return new MetaspacePreTokenizer(mark, scheme, json["split"].Flag(true));
            case "Digits":
                SplitBehavior digits = json["individual_digits"].Flag(false) ? SplitBehavior.Isolated : SplitBehavior.Contiguous;
                return new SplitPreTokenizer(new KindScanner(RuneKinds.IsNumber), digits, invert: false);
            case "Punctuation":
                SplitBehavior signs = json["behavior"].IsNull ? SplitBehavior.Isolated : Behavior(json["behavior"]);
                return new SplitPreTokenizer(new KindScanner(RuneKinds.IsPunctuation), signs, invert: false);
            case "Whitespace":
                return new SplitPreTokenizer(new WordOrSignScanner(), SplitBehavior.Removed, invert: true);
            case "WhitespaceSplit":
                return new SplitPreTokenizer(new KindScanner(RuneKinds.IsSpace), SplitBehavior.Removed, invert: false);
            default:
                throw json["type"].Error(
                    $"pre-tokenizer '{type}' is not one of Sequence, ByteLevel, Split, Metaspace, Digits, Punctuation, Whitespace, WhitespaceSplit; "
                    + "use a model whose tokenizer needs only these");
        }
    }

    /// <summary>The scanner of a pattern: <c>{"String": …}</c> or <c>{"Regex": …}</c>.</summary>
    public static Scanner Pattern(JsonPlace json)
    {
        if (json.Required()["String"].TextOrNull() is { Length: > 0 } literal) return new LiteralScanner(literal);
        string pattern = json["String"].TextOrNull() ?? json["Regex"].TextOrNull() ?? throw json.Error("neither a 'String' nor a 'Regex'");
        if (Known.TryGetValue(pattern, out Scanner? known)) return known;
        try
        {
            return new RegexScanner(pattern);
        }
        catch (FormatException e)
        {
            throw json["Regex"].Error($"the pattern '{(pattern.Length <= 80 ? pattern : pattern[..80] + "…")}' is refused: {e.Message}");
        }
    }

    /// <summary>Mark and scheme of a Metaspace, in the newer form and the older one with <c>add_prefix_space</c>.</summary>
    public static (string Mark, PrependScheme Scheme) Metaspace(JsonPlace json)
    {
        string mark = json["replacement"].TextOrNull() ?? "▁";
        if (mark.EnumerateRunes().Count() != 1) throw json["replacement"].Error($"'{mark}' is not one character");
        PrependScheme? scheme = json["prepend_scheme"].TextOrNull() switch
        {
            null => null,
            "always" => PrependScheme.Always,
            "first" => PrependScheme.First,
            "never" => PrependScheme.Never,
            { } other => throw json["prepend_scheme"].Error($"'{other}' is not one of always, first, never"),
        };
        bool prefix = json["add_prefix_space"].Flag(true);
        if (!prefix && scheme is PrependScheme.Always or PrependScheme.First)
        {
            throw json["add_prefix_space"].Error("false contradicts the prepend_scheme beside it; make one of them agree");
        }

        return (mark, prefix ? scheme ?? PrependScheme.Always : PrependScheme.Never);
    }

    private static SplitBehavior Behavior(JsonPlace json) => json.Text() switch
    {
        "Isolated" => SplitBehavior.Isolated,
        "Removed" => SplitBehavior.Removed,
        "MergedWithPrevious" => SplitBehavior.MergedWithPrevious,
        "MergedWithNext" => SplitBehavior.MergedWithNext,
        "Contiguous" => SplitBehavior.Contiguous,
        { } other => throw json.Error($"'{other}' is not one of Isolated, Removed, MergedWithPrevious, MergedWithNext, Contiguous"),
    };
}

using OrleansAlign.Models.Text;

namespace OrleansAlign.Models.Tokenizers;

/// <summary>Turns texts into tokens and back, as Hugging Face's tokenizers do with the same files.</summary>
/// <remarks>
/// Reads byte-pair models (GPT-2, Llama, Mistral, Qwen and their kin) and unigram models (T5, XLM-R, ALBERT and their kin) from the published
/// <c>tokenizer.json</c> and <c>tokenizer_config.json</c>.
/// Safe for use by several threads at a time. A lone surrogate in a text counts as U+FFFD.
/// </remarks>
public sealed class Tokenizer
{
    private readonly TokenizerFolder folder;
    private readonly TokenizerFile file;
    private readonly TokenizerConfig config;
    private readonly TokenizerPipeline pipeline;
    private readonly PostProcessor postProcessor;
    private readonly string?[] tokens;
    private readonly string?[] decoded;
    private readonly bool[] special;
    private readonly bool[] control;
    private int usable = int.MaxValue;

    /// <summary>Reads the tokenizer from its files' bytes.</summary>
    internal Tokenizer(TokenizerFolder folder)
    {
        this.folder = folder;
        string path = folder.PathOf(TokenizerFolder.Main);
        file = TokenizerFile.Read(path, folder[TokenizerFolder.Main]!);
        config = TokenizerConfig.Read(
            folder.PathOf(TokenizerFolder.Config), folder[TokenizerFolder.Config],
            folder.PathOf(TokenizerFolder.SpecialMap), folder[TokenizerFolder.SpecialMap]);
        foreach ((JsonPlace place, AddedToken token) in config.AddedTokens) file.AddedTokens.Add(place, token);
        foreach (string token in config.SpecialTokens) file.AddedTokens.MakeSpecial(token);

        List<AddedToken> added = [.. file.AddedTokens.All];
        VocabularySize = file.Model.Vocabulary.Values.Concat(added.Select(token => token.Id)).DefaultIfEmpty(-1).Max() + 1;
        tokens = new string?[VocabularySize];
        decoded = new string?[VocabularySize];
        special = new bool[VocabularySize];
        control = new bool[VocabularySize];
        foreach ((string token, int id) in file.Model.Vocabulary) tokens[id] = decoded[id] = token;
        foreach (AddedToken token in added)
        {
            // A token that is matched in its normalised spelling also decodes to that spelling.
            tokens[token.Id] = token.Content;
            decoded[token.Id] = token.Normalized ? file.Normalizer?.Apply(token.Content) ?? token.Content : token.Content;
            special[token.Id] = token.Special;
            control[token.Id] = token.IsControl;
        }

        BosTokenId = Id(BosToken);
        EosTokenId = Id(EosToken);
        PadTokenId = Id(config.PadToken);
        int?[] before = config.AddsBos && BosTokenId is { } bos ? [bos] : [], after = config.AddsEos && EosTokenId is { } eos ? [eos] : [];
        postProcessor = file.PostProcessor ?? new PostProcessor([.. before, null, .. after]);
        if (postProcessor.Pieces.FirstOrDefault(id => id >= VocabularySize) is { } beyond)
        {
            throw new InvalidDataException(
                $"{path}: post_processor: id {beyond} is not below the vocabulary's size {VocabularySize}; {TokenizerFile.Remedy}");
        }

        pipeline = new TokenizerPipeline(file, added, Forbidden());
    }

    /// <summary>Number of ids: the highest one, of the model's and the added tokens, plus 1.</summary>
    public int VocabularySize { get; }

    /// <summary>Token that starts a sequence; null if none is named.</summary>
    public string? BosToken => config.BosToken;

    /// <summary>Token that ends a sequence, and an assistant's turn; null if none is named.</summary>
    public string? EosToken => config.EosToken;

    /// <summary>Id of <see cref="BosToken"/>; null if none is named or the vocabulary lacks it.</summary>
    public int? BosTokenId { get; }

    /// <summary>Id of <see cref="EosToken"/>; null if none is named or the vocabulary lacks it.</summary>
    public int? EosTokenId { get; }

    /// <summary>Id of the token that fills up batches; null if none is named or the vocabulary lacks it.</summary>
    public int? PadTokenId { get; }

    /// <summary>
    /// Reads the tokenizer in a directory: <c>tokenizer.json</c> and, where present, <c>tokenizer_config.json</c> and <c>special_tokens_map.json</c>.
    /// </summary>
    /// <exception cref="InvalidDataException">
    /// A file is missing, broken or inconsistent, or asks for something that is not supported; the message names file, place, rule and remedy.
    /// </exception>
    public static Tokenizer Load(string directory) => new(TokenizerFolder.Read(directory));

    /// <summary>Reads the tokenizer of a model that knows fewer ids: an added token beyond them may be there, but encoding it fails.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="modelVocabulary">The model's <c>vocab_size</c>.</param>
    /// <exception cref="InvalidDataException">As for <see cref="Load(string)"/>; or tokens that are not merely added have ids beyond the model's.</exception>
    public static Tokenizer Load(string directory, int modelVocabulary)
    {
        Tokenizer tokenizer = new(TokenizerFolder.Read(directory)) { usable = modelVocabulary };
        for (int id = modelVocabulary; id < tokenizer.VocabularySize; id++)
        {
            if (tokenizer.tokens[id] is not { } token || tokenizer.file.AddedTokens.All.Any(added => added.Id == id)) continue;
            throw new InvalidDataException(
                $"{directory}: tokenizer.json has ids up to {tokenizer.VocabularySize - 1}, such as {id} for '{token}', but the model's vocab_size is "
                + $"{modelVocabulary}; they do not belong together, take both from one source");
        }

        return tokenizer;
    }

    /// <summary>Copies a tokenizer's files, with its chat templates, from one directory to another.</summary>
    /// <exception cref="IOException">A file exists there already, or cannot be written.</exception>
    public static void CopyFiles(string from, string to)
    {
        foreach (string name in TokenizerFolder.FilesIn(from))
        {
            string target = Path.Combine(to, name);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(Path.Combine(from, name), target);
        }
    }

    /// <summary>Whether two directories have the same tokenizer files and chat templates, byte for byte.</summary>
    public static bool HaveSameFiles(string one, string other) =>
        TokenizerFolder.FilesIn(one).Order(StringComparer.Ordinal).SequenceEqual(TokenizerFolder.FilesIn(other).Order(StringComparer.Ordinal))
        && TokenizerFolder.FilesIn(one).All(
            name => File.ReadAllBytes(Path.Combine(one, name)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(other, name))));

    /// <summary>Encodes a text; special tokens that are written out in it are recognised.</summary>
    /// <param name="text">The text.</param>
    /// <param name="addSpecialTokens">Whether to add those that the tokenizer puts around a sequence, such as BOS.</param>
    public int[] Encode(string text, bool addSpecialTokens = false) => Finish(pipeline.Encode(text, null), addSpecialTokens);

    /// <summary>Encodes a marked text: its content is encoded as plain text, even where it spells a control token.</summary>
    /// <param name="text">The text.</param>
    /// <param name="addSpecialTokens">Whether to add those that the tokenizer puts around a sequence, such as BOS.</param>
    /// <remarks>
    /// A control token is recognised only where every one of its characters belongs to the frame, and no word with content in it is encoded as
    /// one. If the content spells no control token, the ids are those of the unmarked text.
    /// </remarks>
    public int[] Encode(MarkedText text, bool addSpecialTokens = false) => Finish(pipeline.Encode(text.Text, text), addSpecialTokens);

    /// <summary>Decodes tokens. Ids without a token are left out; bytes that are not UTF-8 become U+FFFD.</summary>
    /// <param name="ids">The tokens.</param>
    /// <param name="skipSpecialTokens">Whether to leave out special tokens.</param>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = true)
    {
        List<string> kept = [];
        foreach (int id in ids)
        {
            if ((uint)id < (uint)VocabularySize && !(skipSpecialTokens && special[id]) && decoded[id] is { } token) kept.Add(token);
        }

        string text = string.Concat(file.Decoder(kept));
        return config.CleansUpSpaces ? TokenDecoders.CleanUp(text) : text;
    }

    /// <summary>Id of a token, as the vocabulary spells it; null if it has none of that name.</summary>
    public int? IdOf(string token) => file.AddedTokens.IdOf(token);

    /// <summary>The token of an id, as the vocabulary spells it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No token has that id.</exception>
    public string TokenOf(int id) => (uint)id < (uint)VocabularySize && tokens[id] is { } token
        ? token
        : throw new ArgumentOutOfRangeException(nameof(id), id, $"no token has this id; the vocabulary's size is {VocabularySize}");

    /// <summary>Whether content never becomes this token: every special one, and added ones that are not merely words or white space.</summary>
    public bool IsControl(int id) => (uint)id < (uint)VocabularySize && control[id];

    /// <summary>Writes the tokenizer's files, byte for byte as they were read, into a directory, which is created if needed.</summary>
    public void Save(string directory) => folder.Write(directory);

    private int? Id(string? token) => token is null ? null : IdOf(token);

    private int[] Finish(List<int> ids, bool addSpecialTokens)
    {
        int[] all = addSpecialTokens ? postProcessor.Apply(ids) : [.. ids];
        foreach (int id in all) RequireUsable(id);
        return all;
    }

    /// <summary>Fails for an id that the model does not know.</summary>
    /// <exception cref="InvalidDataException">The id is not below the model's <c>vocab_size</c>.</exception>
    public void RequireUsable(int id)
    {
        if (id < usable) return;
        throw new InvalidDataException(
            $"{folder.PathOf(TokenizerFolder.Main)}: token '{TokenOf(id)}' has id {id}, but the model's vocab_size is {usable}, so it has no embedding; "
            + "keep the token out of data and chat template, or enlarge the model's embedding");
    }

    /// <summary>The ids that no word of content may yield: control tokens, except an unknown token that serves no other purpose.</summary>
    private bool[] Forbidden()
    {
        bool[] forbidden = [.. control];
        int unknown = file.Model.UnknownId;
        if (unknown >= 0 && unknown != BosTokenId && unknown != EosTokenId && unknown != PadTokenId) forbidden[unknown] = false;
        return forbidden;
    }
}

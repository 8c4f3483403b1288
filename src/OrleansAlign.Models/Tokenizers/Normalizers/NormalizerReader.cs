using System.Text;

namespace OrleansAlign.Models.Tokenizers;

/// <summary>Builds normalizers from their descriptions in <c>tokenizer.json</c>.</summary>
internal static class NormalizerReader
{
    /// <summary>The normalizer described at <paramref name="json"/>; null if none is.</summary>
    public static Normalizer? Read(JsonPlace json)
    {
        if (json.IsNull) return null;
        string type = json.Required()["type"].Text();
        return type switch
        {
            "Sequence" => new NormalizerSequence([.. json["normalizers"].Items().Select(item => Read(item.Required())!)]),
            "NFC" => new UnicodeNormalizer(NormalizationForm.FormC),
            "NFD" => new UnicodeNormalizer(NormalizationForm.FormD),
            "NFKC" => new UnicodeNormalizer(NormalizationForm.FormKC),
            "NFKD" => new UnicodeNormalizer(NormalizationForm.FormKD),
            "Lowercase" => RuneNormalizer.Lowercase,
            "StripAccents" => RuneNormalizer.StripAccents,
            "Prepend" => new PrependNormalizer(json["prepend"].Text()),
            "Replace" => new ReplaceNormalizer(PreTokenizerReader.Pattern(json["pattern"]), json["content"].Text()),
            "Precompiled" => PrecompiledNormalizer.Read(json["precompiled_charsmap"]),
            "Strip" => new StripNormalizer(json["strip_left"].Flag(true), json["strip_right"].Flag(true)),
            _ => throw json["type"].Error(
                $"normalizer '{type}' is not one of Sequence, NFC, NFD, NFKC, NFKD, Lowercase, StripAccents, Prepend, Replace, Strip, Precompiled; "
                + "use a model whose tokenizer needs only these"),
        };
    }
}

using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansAlign.Models.Text;
using OrleansAlign.Models.Tokenizers;

namespace OrleansAlign.Models.Tests.Tokenizers;

/// <summary>What Hugging Face's own tokenizers make of small texts, for each component and each of its options; the file says who made it.</summary>
public class GoldenTests
{
    private static readonly Lazy<JsonObject> Golden = new(() => JsonNode.Parse(File.ReadAllBytes(Path.Combine(Here(), "Golden",
        "hugging-face.json")))!.AsObject());

    public static TheoryData<string> Names => [.. Golden.Value["tokenizers"]!.AsArray().Select(item => item!["name"]!.GetValue<string>())];

    [Theory]
    [MemberData(nameof(Names))]
    public void Ids_and_texts_are_those_of_the_original(string name)
    {
        JsonNode item = Golden.Value["tokenizers"]!.AsArray().Single(each => each!["name"]!.GetValue<string>() == name)!;
        JsonObject json = Golden.Value["bases"]![item["base"]!.GetValue<string>()]!.DeepClone().AsObject();
        Change(json, item["changes"]!.AsObject());
        Tokenizer tokenizer = TestTokenizer.Read(json.ToJsonString(new JsonSerializerOptions { MaxDepth = 64 }));
        foreach ((JsonNode? text, JsonNode? expected) in Golden.Value["texts"]!.AsArray().Zip(item["cases"]!.AsArray()))
        {
            if (expected is null) continue;
            string given = text!.GetValue<string>(), ids = expected["ids"]!.GetValue<string>();
            Assert.Equal((given, ids), (given, string.Join(' ', tokenizer.Encode(given))));
            Assert.Equal((given, expected["with_special"]?.GetValue<string>() ?? ids), (given, string.Join(' ', tokenizer.Encode(given,
                addSpecialTokens: true))));
            if (!tokenizer.Encode(given).Any(tokenizer.IsControl)) Assert.Equal((given, ids), (given, string.Join(' ',
                tokenizer.Encode(MarkedText.OfContent(given)))));
            if (expected["decoded"] is { } decoded) Assert.Equal((given, decoded.GetValue<string>()), (given,
                tokenizer.Decode(tokenizer.Encode(given), skipSpecialTokens: false)));
        }
    }

    private static void Change(JsonObject json, JsonObject changes)
    {
        foreach ((string name, JsonNode? value) in changes)
        {
            if (name == "model") Change(json["model"]!.AsObject(), value!.AsObject());
            else json[name] = value?.DeepClone();
        }
    }

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}

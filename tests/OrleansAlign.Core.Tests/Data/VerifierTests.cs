using System.Text.Json.Nodes;
using OrleansAlign.Core.Data;
using OrleansAlign.Core.Data.Verification;
using OrleansAlign.Models.Chat;

namespace OrleansAlign.Core.Tests.Data;

public class VerifierTests
{
    [Theory]
    [InlineData("""{"kind":"exact","answer":"Paris"}""", " Paris\n", true, 1)]
    [InlineData("""{"kind":"exact","answer":"Paris"}""", "paris", false, 0)]
    [InlineData("""{"kind":"exact","answer":"Paris","ignore_case":true}""", "paris", true, 1)]
    [InlineData("""{"kind":"contains","answer":["a","b","c"]}""", "b then a", false, 2.0 / 3)]
    [InlineData("""{"kind":"contains","answer":"b"}""", "abc", true, 1)]
    [InlineData("""{"kind":"regex","pattern":"^a+$"}""", "aaa", true, 1)]
    [InlineData("""{"kind":"regex","pattern":"^a+$"}""", "aab", false, 0)]
    [InlineData("""{"kind":"regex","pattern":"(a+)+$"}""", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", false, 0)]
    [InlineData("""{"kind":"number","answer":1234.5}""", "3 times 4 is 1,234.5.", true, 1)]
    [InlineData("""{"kind":"number","answer":-0.5}""", "so x = -.5", true, 1)]
    [InlineData("""{"kind":"number","answer":3}""", "10-3", true, 1)]
    [InlineData("""{"kind":"number","answer":0.001}""", "1e-3", true, 1)]
    [InlineData("""{"kind":"number","answer":5}""", "4.9", false, 0)]
    [InlineData("""{"kind":"number","answer":5,"tolerance":0.2}""", "4.9", true, 1)]
    [InlineData("""{"kind":"number","answer":5}""", "five", false, 0)]
    [InlineData("""{"kind":"list","count":3,"allowed":["a","b","c","d"]}""", "a, d, b", true, 1)]
    [InlineData("""{"kind":"list","count":3,"allowed":["a","b","c","d"]}""", "a, a, b", false, 1.0 / 3)]
    [InlineData("""{"kind":"list","count":3,"allowed":["a","b","c","d"]}""", "a, b, c, d", false, 2.0 / 3)]
    [InlineData("""{"kind":"list","count":3,"allowed":["a","b","c","d"]}""", "a,b,c", false, -1.0 / 3)]
    [InlineData("""{"kind":"list","count":3,"allowed":["a","b","c","d"]}""", "", false, -1.0 / 3)]
    [InlineData("""{"kind":"list","count":2,"allowed":["a","b"]}""", "x, x, x, x", false, -2)]
    public void Responses_are_checked(string check, string response, bool pass, double score)
    {
        VerifierResult result = Verifiers.Check(Prompt(check), response);
        Assert.Equal(pass, result.Pass);
        Assert.Equal(score, result.Score, 12);
    }

    [Theory]
    [InlineData("""{"kind":"magic"}""", "contains, exact, list, number, regex")]
    [InlineData("""{"answer":"x"}""", "\"kind\"")]
    [InlineData("""{"kind":"exact"}""", "\"answer\"")]
    [InlineData("""{"kind":"exact","answer":"x","ignore_case":1}""", "\"ignore_case\"")]
    [InlineData("""{"kind":"contains","answer":[]}""", "\"answer\"")]
    [InlineData("""{"kind":"regex","pattern":"("}""", "\"pattern\"")]
    [InlineData("""{"kind":"regex","pattern":"(?=a)"}""", "\"pattern\"")]
    [InlineData("""{"kind":"number","answer":"5"}""", "\"answer\"")]
    [InlineData("""{"kind":"number","answer":5,"tolerance":-1}""", "\"tolerance\"")]
    [InlineData("""{"kind":"list","count":1.5,"allowed":["a","b"]}""", "\"count\"")]
    [InlineData("""{"kind":"list","count":3,"allowed":["a","b","a"]}""", "\"count\"")]
    public void A_faulty_check_is_told_beforehand(string check, string part)
    {
        string problem = Assert.Single(Verifiers.Problems([Prompt(check)]));
        Assert.StartsWith("prompt q:", problem, StringComparison.Ordinal);
        Assert.Contains(part, problem, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => Verifiers.Check(Prompt(check), "x"));
    }

    [Fact]
    public void A_prompt_without_a_check_is_told()
    {
        var bare = new Prompt("q", [new ChatMessage("user", "?")]);
        Assert.Single(Verifiers.Problems([bare, Prompt("""{"kind":"exact","answer":"x"}""")]));
        Assert.Throws<InvalidDataException>(() => Verifiers.Check(bare, "x"));
    }

    private static Prompt Prompt(string check) => new("q", [new ChatMessage("user", "?")]) { Check = (JsonObject)JsonNode.Parse(check)! };
}

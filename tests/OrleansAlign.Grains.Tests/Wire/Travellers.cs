using System.Text.Json.Nodes;
using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Ports;
using OrleansAlign.Models.Chat;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Text;

namespace OrleansAlign.Grains.Tests.Wire;

/// <summary>One value of each of the core's types that grains serialize; every field has a value that no other field has.</summary>
internal static class Travellers
{
    private static readonly Dictionary<string, double> Figures = new()
    {
        ["loss"] = 0.1, ["rewards/margins"] = double.NaN, ["grad_norm"] = double.PositiveInfinity,
    };

    public static readonly VerdictKey Question = new("judge", "context", "first", "second");
    public static readonly PromptKey Place = new(1, 2, 300);
    public static readonly SamplingOptions Sampling = new() { Temperature = 0.7, TopK = 5, TopP = 0.9, MinP = 0.05, MaxNewTokens = 77 };

    public static readonly ChatMessage Plain = new("user", "Name 3 birds ⇥ \0 \ud83d\ude00");

    public static readonly ChatMessage Marked = ChatMessage.Of(
        "user",
        new MarkedText.Builder().Append("frame ", false).Append("content", true).Append(" frame", false).Append("more", true).Append("!", false).Build());

    public static readonly ChatMessage Full = new("assistant", "")
    {
        Extra = new JsonObject { ["tool_calls"] = new JsonArray(new JsonObject { ["name"] = "f", ["x"] = 1.5 }), ["content"] = null },
        OmitsContent = true,
    };

    public static readonly Verdict Decided = new(
        Outcome.B, 0.1, 0.3, -0.5, [new("overall", new(0.1, 0.2), new(0.3, 0.4)), new("short", new(0.5, 0.6), new(0.7, double.NaN))])
    {
        Flipped = true,
    };

    public static readonly Verdict Invalid = Verdict.OfInvalid("no principle was read");

    public static readonly StepReport Report = new(0.693, double.NaN, 4096, Figures);

    public static readonly RoundRow Round = new(1, 2, "self-judge", "before", "after", Figures);

    public static readonly EvaluationRow Evaluation = new("policy", Figures, [new EvaluationSample("prompt", "response", true)]);

    /// <summary>The values, by the name that a failed test shows.</summary>
    public static readonly IReadOnlyDictionary<string, object> All = new Dictionary<string, object>
    {
        ["message"] = Plain,
        ["message with marks"] = Marked,
        ["message with fields"] = Full,
        ["sampling"] = Sampling,
        ["generation request"] = new GenerationRequest([Plain], ulong.MaxValue, Sampling),
        ["generated response"] = new GeneratedResponse(
            [1, 2], [3, -4], [-0.5f, float.NegativeInfinity, BitConverter.UInt32BitsToSingle(0x7fc12345), -0f], FinishReason.Length, "text"),
        ["sequence"] = new TokenSequence([7, 8, 9], 1) { Trained = [true, false] },
        ["sequence, all trained"] = new TokenSequence([7, 8], 2),
        ["judge's question"] = new JudgeQuestion([Plain], "a", "b"),
        ["rated response"] = new RatedResponse([Plain], "response"),
        ["reading"] = Decided.Readings[0],
        ["verdict"] = Decided,
        ["invalid verdict"] = Invalid,
        ["score"] = Rating.Of(-3.25),
        ["no score"] = new Rating.Unparsable("why"),
        ["prompt's place"] = Place,
        ["question's key"] = Question,
        ["rating's key"] = new RatingKey("rater", "context", "response"),
        ["run"] = new RunRow("demo-seed1", "name: demo\n", "/somewhere", 1UL << 63, "hash", "0.1.0"),
        ["run with data files"] = new RunRow("demo-seed1", "name: demo\n", "/somewhere", 1, "hash", "0.1.0")
        {
            DataFiles = [new DataFileHash("a.jsonl", "aa")],
        },
        ["data file's hash"] = new DataFileHash("prompts.jsonl", "abc"),
        ["completion"] = new CompletionRow(Place, "p7", 3, "policy", ulong.MaxValue - 1, FinishReason.Length, [1, int.MaxValue], [-1e-30f, float.NaN], "text"),
        ["verdict's row"] = new VerdictRow(Question, Decided),
        ["rating's row"] = new RatingRow(new RatingKey("rater", "context", "response"), Rating.Of(5)),
        ["match"] = new MatchRow("main-1-0", 1, 2, Outcome.Tie, -0.25, true, Question),
        ["match without a verdict"] = new MatchRow("main-1-0", 1, 2, Outcome.Tie, 0, false, null),
        ["pair"] = new PairRow(4, 5, 0.125, -12.5, double.NegativeInfinity),
        ["pair set"] = new PairSetRow(
            Place, "p7", "[]", [5, 6], "reference", [new MatchRow("main-1-0", 1, 2, Outcome.A, 0.5, false, Question)], [1.5, null],
            [new PairRow(4, 5, 0.125, -12.5, -13)]),
        ["step's report"] = Report,
        ["step"] = new StepRow(1, 2, 30, 1e-5, Report),
        ["round"] = Round,
        ["round's counts"] = new RoundCounts(1L << 40, 2, 3),
        ["sample"] = new EvaluationSample("prompt", "response", true),
        ["evaluation"] = Evaluation,
        ["began"] = new RunEvent.Began(1, "self-judge", 2, 3),
        ["advanced"] = new RunEvent.Advanced("play", 1L << 40, 1L << 41, "prompts", "loss 0.5"),
        ["ended"] = new RunEvent.Ended(Round, Evaluation),
        ["ended without evaluation"] = new RunEvent.Ended(Round, null),
        ["noted"] = new RunEvent.Noted("text"),
    };
}

using OrleansAlign.Core.Tests.Policies;
using OrleansAlign.Core.Judges;
using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Ports;

namespace OrleansAlign.Core.Tests.Judges;

public sealed class PairwiseJudgeTests : IDisposable
{
    private static readonly JudgeTemplate
        Short = new() { Principle = "short", User = "{context} A {response_a} B {response_b}", AssistantPrefix = "", DecisionA = "A", DecisionB = "B" },
        Kind = Short with { Principle = "kind", User = "kind? {response_a} or {response_b} to {context}" };

    private readonly TinyPolicy store = new();
    private readonly LoadedPolicy policy;

    public PairwiseJudgeTests() => policy = store.Load(store.Make());

    public void Dispose()
    {
        policy.Dispose();
        store.Dispose();
    }

    [Fact]
    public async Task Swapping_the_responses_swaps_the_verdict_to_the_bit()
    {
        PairwiseJudge judge = Judge(Short, Kind);

        IReadOnlyList<Verdict> verdicts = await judge.JudgeAsync([Question("red", "blue"), Question("blue", "red")], CancellationToken.None);

        Assert.NotEqual(Outcome.Invalid, verdicts[0].Outcome);
        Assert.NotEqual(0, verdicts[0].Margin);
        Assert.Equal(verdicts[0], verdicts[1].Swap());
    }

    [Fact]
    public async Task A_verdict_does_not_depend_on_what_is_asked_beside_it()
    {
        PairwiseJudge judge = Judge(Short);
        JudgeQuestion[] questions = [Question("red", "blue"), Question("red red red", "b"), Question("", "blue blue")];

        IReadOnlyList<Verdict> together = await judge.JudgeAsync(questions, CancellationToken.None);

        for (int i = 0; i < questions.Length; i++) Assert.Equal(together[i], Assert.Single(await judge.JudgeAsync([questions[i]], CancellationToken.None)));
    }

    [Fact]
    public async Task Equal_responses_tie()
    {
        Verdict verdict = Assert.Single(await Judge(Short).JudgeAsync([Question("red", "red")], CancellationToken.None));

        Assert.Equal((Outcome.Tie, 0.0), (verdict.Outcome, verdict.Margin));
    }

    [Fact]
    public async Task A_question_longer_than_the_context_is_invalid_and_does_not_disturb_the_others()
    {
        PairwiseJudge judge = Judge(Short);

        IReadOnlyList<Verdict> verdicts = await judge.JudgeAsync([Question(new string('q', 100), "blue"), Question("red", "blue")], CancellationToken.None);

        Assert.Equal(Outcome.Invalid, verdicts[0].Outcome);
        Assert.Contains("the judge's context 64", verdicts[0].Reason, StringComparison.Ordinal);
        Assert.Equal(Assert.Single(await judge.JudgeAsync([Question("red", "blue")], CancellationToken.None)), verdicts[1]);
    }

    [Fact]
    public void A_decision_must_be_one_token()
    {
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Judge(Short with { DecisionB = "purple" }));

        Assert.Contains("the decision \"purple\" is", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_changes_its_answers_changes_its_id()
    {
        using LoadedPolicy other = store.Load(store.Make(seed: 2));
        string[] ids =
        [
            Judge(Short).Id, Judge(Kind).Id, Judge(Short, Kind).Id, new PairwiseJudge(policy, [Short], new PairwiseRule { MarginForTie = 0.1 }).Id,
            new PairwiseJudge(other, [Short], new PairwiseRule { MinimumMass = 0 }).Id,
        ];

        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.Equal(ids[0], Judge(Short).Id);
    }

    [Theory]
    [InlineData(JudgeKind.Pairwise)]
    [InlineData(JudgeKind.Pointwise)]
    [InlineData(JudgeKind.Rule)]
    public void Its_id_is_known_without_its_weights(JudgeKind kind)
    {
        var options = new JudgeOptions
        {
            Kind = kind, Principles = ["short"],
            Templates = new Dictionary<string, JudgeTemplateKeys> { ["short"] = new() { User = Short.User, Assistant = "", Decisions = ["A", "B"] } },
        };

        var factory = new JudgeFactory(options, runSeed: 7);
        Assert.Equal(factory.Create(policy).Id, factory.IdOf(policy.Hash));
    }

    private PairwiseJudge Judge(params JudgeTemplate[] templates) => new(policy, templates, new PairwiseRule { MinimumMass = 0 });

    private static JudgeQuestion Question(string a, string b) => new(TinyPolicy.Ask, a, b);
}

using Orleans.Serialization.Configuration;
using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Ports;
using OrleansAlign.Grains.Contracts.Wire;
using OrleansAlign.Models.Chat;
using OrleansAlign.Models.Engines;

[assembly: TypeManifestProvider(typeof(DomainNames))]

namespace OrleansAlign.Grains.Contracts.Wire;

/// <summary>
/// The names under which the core's types are serialized, so that moving or renaming a class changes no message. The core does not reference Orleans: each of
/// its serialized types has a surrogate in this folder. Names and the surrogates' ids are frozen.
/// </summary>
internal sealed class DomainNames : TypeManifestProviderBase
{
    /// <summary>Name by type. Names are never changed or given to another type.</summary>
    public static IReadOnlyDictionary<Type, string> Names { get; } = new Dictionary<Type, string>
    {
        [typeof(ChatMessage)] = "align.chat-message",
        [typeof(SamplingOptions)] = "align.sampling-options",
        [typeof(GenerationRequest)] = "align.generation-request",
        [typeof(GeneratedResponse)] = "align.generated-response",
        [typeof(TokenSequence)] = "align.token-sequence",
        [typeof(JudgeQuestion)] = "align.judge-question",
        [typeof(RatedResponse)] = "align.rated-response",
        [typeof(PrincipleReading)] = "align.principle-reading",
        [typeof(Verdict)] = "align.verdict",
        [typeof(Rating)] = "align.rating",
        [typeof(Rating.Scored)] = "align.rating.scored",
        [typeof(Rating.Unparsable)] = "align.rating.unparsable",
        [typeof(PromptKey)] = "align.prompt-key",
        [typeof(VerdictKey)] = "align.verdict-key",
        [typeof(RatingKey)] = "align.rating-key",
        [typeof(RunRow)] = "align.run-row",
        [typeof(DataFileHash)] = "align.data-file-hash",
        [typeof(CompletionRow)] = "align.completion-row",
        [typeof(VerdictRow)] = "align.verdict-row",
        [typeof(RatingRow)] = "align.rating-row",
        [typeof(MatchRow)] = "align.match-row",
        [typeof(PairRow)] = "align.pair-row",
        [typeof(PairSetRow)] = "align.pair-set-row",
        [typeof(StepReport)] = "align.step-report",
        [typeof(StepRow)] = "align.step-row",
        [typeof(RoundCounts)] = "align.round-counts",
        [typeof(RoundRow)] = "align.round-row",
        [typeof(EvaluationSample)] = "align.evaluation-sample",
        [typeof(EvaluationRow)] = "align.evaluation-row",
        [typeof(RunEvent)] = "align.run-event",
        [typeof(RunEvent.Began)] = "align.run-event.began",
        [typeof(RunEvent.Advanced)] = "align.run-event.advanced",
        [typeof(RunEvent.Ended)] = "align.run-event.ended",
        [typeof(RunEvent.Noted)] = "align.run-event.noted",
        [typeof(EngineKind)] = "align.engine-kind",
    };

    /// <inheritdoc/>
    protected override void ConfigureInner(TypeManifestOptions options)
    {
        foreach ((Type type, string name) in Names) options.WellKnownTypeAliases.Add(name, type);
    }
}

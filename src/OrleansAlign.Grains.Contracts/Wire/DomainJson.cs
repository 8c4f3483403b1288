using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using Orleans.Serialization.Cloning;
using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Ports;
using OrleansAlign.Models.Engines;

namespace OrleansAlign.Grains.Contracts.Wire;

/// <summary>Rows, keys, judgements and events travel as JSON that keeps NaN and infinities: a field of theirs needs no second declaration here.</summary>
public static class DomainJson
{
    /// <summary>The types that travel as JSON, with their names in messages. A name is never changed or given to another type.</summary>
    public static IReadOnlyDictionary<Type, string> Names { get; } = new Dictionary<Type, string>
    {
        [typeof(PrincipleReading)] = "align.principle-reading",
        [typeof(Verdict)] = "align.verdict",
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
        [typeof(RunEvent.Began)] = "align.run-event.began",
        [typeof(RunEvent.Advanced)] = "align.run-event.advanced",
        [typeof(RunEvent.Ended)] = "align.run-event.ended",
        [typeof(RunEvent.Noted)] = "align.run-event.noted",
    };

    /// <summary>Adds to a silo or a client what serializes these types; calls between grains fail without it.</summary>
    public static IServiceCollection AddDomainJson(this IServiceCollection services)
    {
        services.AddSingleton<IGeneralizedCopier, Unchanging>();
        return services.AddSerializer(serializer => serializer.AddJsonSerializer(Names.ContainsKey, _ => false, options => options.Configure(o =>
            o.SerializerOptions = new JsonSerializerOptions
            {
                NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
                Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
                IgnoreReadOnlyProperties = true,
                DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
                Converters = { new JsonStringEnumConverter() },
            })));
    }

    /// <summary>The types are never changed once made, so calls within a silo share them.</summary>
    private sealed class Unchanging : IGeneralizedCopier
    {
        public bool IsSupportedType(Type type) => Names.ContainsKey(type);

        public object? DeepCopy(object? input, CopyContext context) => input;
    }
}

using Orleans.Serialization.Configuration;
using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ports;
using OrleansAlign.Grains.Contracts.Wire;
using OrleansAlign.Models.Chat;
using OrleansAlign.Models.Engines;

[assembly: TypeManifestProvider(typeof(DomainNames))]

namespace OrleansAlign.Grains.Contracts.Wire;

/// <summary>
/// The names under which the core's types are serialized, so that moving or renaming a class changes no message. The core does not reference Orleans:
/// conversations and tokens have surrogates in this folder, rows, judgements and events travel as <see cref="DomainJson"/>. Names, ids and fields are frozen.
/// </summary>
internal sealed class DomainNames : TypeManifestProviderBase
{
    /// <summary>Name by type. Names are never changed or given to another type.</summary>
    public static IReadOnlyDictionary<Type, string> Names { get; } = new Dictionary<Type, string>(DomainJson.Names)
    {
        [typeof(ChatMessage)] = "align.chat-message",
        [typeof(SamplingOptions)] = "align.sampling-options",
        [typeof(GenerationRequest)] = "align.generation-request",
        [typeof(GeneratedResponse)] = "align.generated-response",
        [typeof(TokenSequence)] = "align.token-sequence",
        [typeof(JudgeQuestion)] = "align.judge-question",
        [typeof(RatedResponse)] = "align.rated-response",
        [typeof(Rating)] = "align.rating",
        [typeof(RunEvent)] = "align.run-event",
        [typeof(EngineKind)] = "align.engine-kind",
    };

    /// <inheritdoc/>
    protected override void ConfigureInner(TypeManifestOptions options)
    {
        foreach ((Type type, string name) in Names) options.WellKnownTypeAliases.Add(name, type);
    }
}

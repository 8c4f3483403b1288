using OrleansAlign.Core.Ports;
using OrleansAlign.Models.Engines;

namespace OrleansAlign.Core.Policies;

/// <summary>Draws responses with an engine in this process.</summary>
public sealed class EngineGenerator(PolicyCache policies) : IGenerator
{
    /// <inheritdoc/>
    public Task<IReadOnlyList<GeneratedResponse>> GenerateAsync(string policy, IReadOnlyList<GenerationRequest> requests, CancellationToken cancel)
    {
        LoadedPolicy loaded = policies.Get(policy);
        List<SampleRequest> samples = new(requests.Count);
        foreach (GenerationRequest request in requests)
        {
            int[] prompt = samples.Count > 0 && ReferenceEquals(request.Messages, requests[samples.Count - 1].Messages)
                ? samples[^1].Prompt
                : loaded.Encoder.Prompt(request.Messages);
            samples.Add(new SampleRequest(prompt, request.Seed, request.Options, loaded.Encoder.StopTokens));
        }

        IReadOnlyList<Sample> drawn = loaded.Engine.Sample(samples, cancel);
        return Task.FromResult<IReadOnlyList<GeneratedResponse>>(
            [.. drawn.Select((s, i) => new GeneratedResponse(samples[i].Prompt, s.Tokens, s.LogProbs, s.Finish, loaded.Encoder.Text(s.Tokens)))]);
    }
}

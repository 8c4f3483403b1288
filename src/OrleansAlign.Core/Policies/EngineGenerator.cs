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
            GenerationRequest? last = samples.Count > 0 ? requests[samples.Count - 1] : null;
            bool isSame = last is not null && ReferenceEquals(request.Messages, last.Messages) && ReferenceEquals(request.Variables, last.Variables);
            int[] prompt = isSame ? samples[^1].Prompt : loaded.Encoder.Prompt(request.Messages, request.Variables);
            samples.Add(new SampleRequest(prompt, request.Seed, request.Options, loaded.Encoder.StopTokens));
        }

        IReadOnlyList<Sample> drawn = loaded.Engine.Sample(samples, cancel);
        return Task.FromResult<IReadOnlyList<GeneratedResponse>>(
            [.. drawn.Select((s, i) => new GeneratedResponse(samples[i].Prompt, s.Tokens, s.LogProbs, s.Finish, loaded.Encoder.Text(s.Tokens)))]);
    }
}

using OrleansAlign.Core.Judges;
using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Data;
using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Models.Engines;

namespace OrleansAlign.Client.Hosts;

/// <summary>A policy in this process.</summary>
internal sealed class FolderPolicy(LoadedPolicy policy) : IHostedPolicy
{
    /// <inheritdoc/>
    public IEnumerable<string> TooLong(IReadOnlyList<Prompt> prompts) => policy.Encoder.TooLong(prompts);

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> AnswerAsync(IReadOnlyList<GenerationRequest> requests, CancellationToken cancel)
    {
        ConversationEncoder encoder = policy.Encoder;
        SampleRequest[] samples = [.. requests.Select(r => new SampleRequest(encoder.Prompt(r.Messages, r.Variables), r.Seed, r.Options, encoder.StopTokens))];
        return Task.FromResult<IReadOnlyList<string>>([.. policy.Engine.Sample(samples, cancel).Select(s => policy.Encoder.Text(s.Tokens))]);
    }

    /// <inheritdoc/>
    public IJudge Judge(RecipeFile? recipe) =>
        new JudgeFactory(recipe?.Recipe.Judge ?? new JudgeOptions(), runSeed: 0, recipe?.Recipe.ChatTemplate).Create(policy);

    /// <inheritdoc/>
    public void Dispose() => policy.Dispose();
}

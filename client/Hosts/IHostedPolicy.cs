using OrleansAlign.Core.Data;
using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Recipes;

namespace OrleansAlign.Client.Hosts;

/// <summary>A policy that can be asked to answer and to judge.</summary>
internal interface IHostedPolicy : IDisposable
{
    /// <summary>A line for each prompt that leaves no room for an answer; empty if only the cluster's silos can tell.</summary>
    IEnumerable<string> TooLong(IReadOnlyList<Prompt> prompts);

    /// <summary>Draws a response to each request.</summary>
    Task<IReadOnlyList<string>> AnswerAsync(IReadOnlyList<GenerationRequest> requests, CancellationToken cancel);

    /// <summary>The policy as a judge.</summary>
    /// <param name="recipe">The recipe whose judge section says how it is asked; null: the built-in question.</param>
    IJudge Judge(RecipeFile? recipe);
}

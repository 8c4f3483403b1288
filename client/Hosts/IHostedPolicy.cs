using OrleansAlign.Core.Data;
using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Recipes;

namespace OrleansAlign.Client.Hosts;

/// <summary>A policy that can be asked to answer and to judge.</summary>
internal interface IHostedPolicy : IDisposable
{
    /// <summary>What is wrong with prompts that leave no room for an answer, a line each; empty where only the answering host can tell.</summary>
    IEnumerable<string> TooLong(IReadOnlyList<Prompt> prompts);

    /// <summary>Draws a response to each request.</summary>
    Task<IReadOnlyList<string>> AnswerAsync(IReadOnlyList<GenerationRequest> requests, CancellationToken cancel);

    /// <summary>The judge that the policy makes.</summary>
    /// <param name="recipe">The recipe whose judge section says how it is asked; null: the built-in question.</param>
    IJudge Judge(RecipeFile? recipe);
}

using System.Security.Cryptography;
using System.Text;
using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Ports;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Core.Judges;

/// <summary>Asks a policy to rate responses one by one: several ratings are drawn, read and averaged. Pairs are compared by their ratings.</summary>
/// <remarks>
/// Self-Rewarding (arXiv:2401.10020) §2.2. Only the judge's own tokens are parsed, so a response cannot rate itself. Seeds derive from the rated text, so the
/// same response gets the same rating in every match.
/// </remarks>
public sealed class PointwiseJudge : ScoringJudge
{
    /// <summary>Most characters of an unreadable judgement that are kept.</summary>
    private const int MostQuoted = 300;

    private readonly LoadedPolicy policy;
    private readonly RewardTemplate template;
    private readonly int judgements;
    private readonly SamplingOptions sampling;
    private readonly ulong seed;

    /// <summary>Sets up a judge.</summary>
    /// <param name="policy">The policy that rates.</param>
    /// <param name="template">The question, and how its answer is parsed.</param>
    /// <param name="judgements">Ratings drawn per response, averaged.</param>
    /// <param name="sampling">How they are drawn.</param>
    /// <param name="seed">Seed of the draws.</param>
    public PointwiseJudge(LoadedPolicy policy, RewardTemplate template, int judgements, SamplingOptions sampling, ulong seed)
    {
        (this.policy, this.template, this.judgements, this.sampling, this.seed) = (policy, template, judgements, sampling, seed);
        Id = IdOf(policy.Hash, template, judgements, sampling, seed);
    }

    /// <inheritdoc/>
    public override string Id { get; }

    /// <summary>The <see cref="Id"/> of a policy's judge, computed without loading the weights.</summary>
    public static string IdOf(string policy, RewardTemplate template, int judgements, SamplingOptions sampling, ulong seed) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{template}\n{judgements}\n{sampling}\n{seed}\n{policy}")));

    /// <inheritdoc/>
    public override Task<IReadOnlyList<Rating>> RateAsync(IReadOnlyList<RatedResponse> responses, CancellationToken cancel)
    {
        List<SampleRequest> requests = [];
        var places = new (int First, string? Problem)[responses.Count];
        for (int i = 0; i < responses.Count; i++)
        {
            string context = JudgeContext.Render(responses[i].Messages);
            int[] prompt = policy.Encoder.Prompt(JudgeContext.Question(template.System, template.Fill(context, responses[i].Response)));
            bool fits = prompt.Length < policy.Encoder.ContextLength;
            places[i] = (requests.Count, fits ? null : UnaskedQuestion.Reason(prompt.Length, policy.Encoder.ContextLength));
            ulong draw = CounterRandom.Derive(CounterRandom.Derive(seed, context), responses[i].Response);
            for (int j = 0; fits && j < judgements; j++)
            {
                requests.Add(new SampleRequest(prompt, CounterRandom.Derive(draw, (ulong)j), sampling, policy.Encoder.StopTokens));
            }
        }

        IReadOnlyList<Sample> samples = policy.Engine.Sample(requests, cancel);
        return Task.FromResult<IReadOnlyList<Rating>>([.. places.Select(place => place.Problem is { } problem
            ? new Rating.Unparsable(problem)
            : Combined([.. samples.Skip(place.First).Take(judgements).Select(s => policy.Encoder.Text(s.Tokens))]))]);
    }

    /// <summary>The mean of the readable judgements; where none is, the reason quotes the first.</summary>
    private Rating Combined(IReadOnlyList<string> texts)
    {
        Rating[] read = [.. texts.Select(template.Parser.Parse)];
        Rating mean = PointwiseScore.Average(read);
        return mean is Rating.Unparsable && read[0] is Rating.Unparsable first
            ? new Rating.Unparsable($"none of {texts.Count} judgements gave a score: {first.Reason}; the judge wrote \"{Shorten(texts[0])}\"")
            : mean;
    }

    private static string Shorten(string text) => text.Length <= MostQuoted ? text : text[..MostQuoted] + "…";
}

using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Engines.Managed;
using OrleansAlign.Models.Numerics;
using OrleansAlign.Models.Tests.Engines.Conformance;

namespace OrleansAlign.Models.Tests.Engines.Managed;

public class SamplerTests
{
    private static readonly ModelConfig Config = TinyModels.Qwen3;

    [Fact]
    public void Greedy_takes_the_greatest_logit_of_each_row()
    {
        using var engine = new ManagedEngine(TinyModels.Weights(Config), 2);
        int[] prompt = TinyModels.Tokens(Config, 30, 1);
        Sample sample = engine.Sample([new SampleRequest(prompt, 1, new SamplingOptions { Temperature = 0, MaxNewTokens = 50 }, [])])[0];
        float[] logits = engine.Logits([[.. prompt, .. sample.Tokens]])[0];
        for (int t = 0; t < sample.Tokens.Length; t++)
        {
            float[] row = logits[((prompt.Length - 1 + t) * Config.VocabularySize)..((prompt.Length + t) * Config.VocabularySize)];
            Assert.Equal(Array.IndexOf(row, row.Max()), sample.Tokens[t]);
        }

        Assert.Equal(FinishReason.Length, sample.Finish);
        Assert.Equal(50, sample.LogProbs.Length);
    }

    [Fact]
    public void A_completion_depends_on_its_request_alone()
    {
        SampleRequest[] requests =
        [
            .. Enumerable.Range(0, 40).Select(i => new SampleRequest(
                TinyModels.Tokens(Config, 1 + (i * 7 % 50), (ulong)(i / 4)), (ulong)i,
                new SamplingOptions { MaxNewTokens = 1 + (i * 5 % 60), TopP = 0.9 }, [])),
        ];
        using var roomy = new ManagedEngine(TinyModels.Weights(Config), 2);
        using var tight = new ManagedEngine(TinyModels.Weights(Config), 1, new ManagedEngineOptions { MaxStreams = 3, PrefillTokens = 10 });
        using var starved = new ManagedEngine(TinyModels.Weights(Config), 3, new ManagedEngineOptions { CacheBytes = 1 });
        IReadOnlyList<Sample> all = roomy.Sample(requests);
        Same(all, tight.Sample(requests));
        Same(all, starved.Sample(requests));
        Same(all, [.. roomy.Sample([.. requests.Reverse()]).Reverse()]);
        for (int i = 0; i < requests.Length; i += 7) Same([all[i]], roomy.Sample([requests[i]]));
    }

    [Fact]
    public void Candidates_of_one_prompt_differ_by_seed_and_repeat_by_seed()
    {
        using var engine = new ManagedEngine(TinyModels.Weights(Config), 2);
        int[] prompt = TinyModels.Tokens(Config, 37, 4);
        var options = new SamplingOptions { MaxNewTokens = 24 };
        SampleRequest[] requests = [.. Enumerable.Range(0, 20).Select(i => new SampleRequest(prompt, (ulong)(i % 10), options, []))];
        IReadOnlyList<Sample> samples = engine.Sample(requests);
        Assert.Equal(10, samples.Select(s => string.Join(' ', s.Tokens)).Distinct().Count());
        for (int i = 0; i < 10; i++) Assert.Equal(samples[i].Tokens, samples[i + 10].Tokens);
    }

    [Fact]
    public void A_stop_token_ends_the_completion_and_belongs_to_it()
    {
        using var engine = new ManagedEngine(TinyModels.Weights(Config), 2);
        var request = new SampleRequest([5], 3, new SamplingOptions { MaxNewTokens = 60 }, []);
        Sample free = engine.Sample([request])[0];
        int stop = free.Tokens[20], first = Array.IndexOf(free.Tokens, stop);
        Sample stopped = engine.Sample([request with { StopTokens = [stop] }])[0];
        Assert.Equal(FinishReason.Stop, stopped.Finish);
        Assert.Equal(free.Tokens[..(first + 1)], stopped.Tokens);
        Assert.Equal(free.LogProbs[..(first + 1)], stopped.LogProbs);
    }

    [Fact]
    public void The_contexts_end_ends_the_completion()
    {
        using var engine = new ManagedEngine(TinyModels.Weights(Config), 2);
        int[] prompt = TinyModels.Tokens(Config, Config.ContextLength - 3, 1);
        Sample sample = engine.Sample([new SampleRequest(prompt, 3, new SamplingOptions { MaxNewTokens = 60 }, [])])[0];
        Assert.Equal(3, sample.Tokens.Length);
        Assert.Equal(FinishReason.Length, sample.Finish);
    }

    [Fact]
    public void What_cannot_be_sampled_is_refused_with_its_numbers()
    {
        using var engine = new ManagedEngine(TinyModels.Weights(Config), 1);
        var options = new SamplingOptions();
        string Refused(SampleRequest request) =>
            Assert.Throws<ArgumentException>(() => engine.Sample([new SampleRequest([1], 1, options, []), request])).Message;
        Assert.Contains("empty", Refused(new SampleRequest([], 1, options, [])), StringComparison.Ordinal);
        Assert.Contains($"{Config.ContextLength}", Refused(new SampleRequest(new int[Config.ContextLength], 1, options, [])), StringComparison.Ordinal);
        Assert.Contains("-1", Refused(new SampleRequest([3, -1], 1, options, [])), StringComparison.Ordinal);
        Assert.Contains("position 1", Refused(new SampleRequest([3, Config.VocabularySize], 1, options, [])), StringComparison.Ordinal);
        Assert.Contains("top-p", Refused(new SampleRequest([3], 1, options with { TopP = 0 }, [])), StringComparison.Ordinal);
        Assert.StartsWith("request 1", Refused(new SampleRequest([], 1, options, [])), StringComparison.Ordinal);
        Assert.Empty(engine.Sample([]));
    }

    [Fact]
    public void Drawn_frequencies_are_the_softmax()
    {
        ModelConfig config = TinyModels.Llama;
        using var engine = new ManagedEngine(TinyModels.Weights(config), 2);
        const int draws = 4000;
        var options = new SamplingOptions { MaxNewTokens = 1 };
        int[] counts = new int[config.VocabularySize];
        SampleRequest[] requests = [.. Enumerable.Range(0, draws).Select(i => new SampleRequest([7, 9], CounterRandom.Derive(1, (ulong)i), options, []))];
        foreach (Sample sample in engine.Sample(requests))
        {
            counts[sample.Tokens[0]]++;
        }

        ChoiceLogits logits = engine.ChoiceLogits([[7, 9]], [.. Enumerable.Range(0, config.VocabularySize)])[0];
        for (int v = 0; v < counts.Length; v++)
        {
            double p = logits.Probability(v);
            Assert.InRange(counts[v] / (double)draws, p - (5 * Math.Sqrt(p / draws)) - 1e-3, p + (5 * Math.Sqrt(p / draws)) + 1e-3);
        }
    }

    private static void Same(IReadOnlyList<Sample> expected, IReadOnlyList<Sample> actual)
    {
        Assert.Equal(expected.Select(s => s.Tokens), actual.Select(s => s.Tokens));
        Assert.Equal(expected.Select(s => s.LogProbs), actual.Select(s => s.LogProbs));
        Assert.Equal(expected.Select(s => s.Finish), actual.Select(s => s.Finish));
    }
}

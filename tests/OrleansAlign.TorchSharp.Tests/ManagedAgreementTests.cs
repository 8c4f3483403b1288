using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Engines.Managed;
using OrleansAlign.Models.Losses;
using OrleansAlign.Models.Numerics;
using OrleansAlign.Models.Tests.Engines.Conformance;

namespace OrleansAlign.TorchSharp.Tests;

/// <summary>
/// The engine in float32 against the managed one, on larger random models of every architecture: the difference if a recipe changes its engine.
/// </summary>
public sealed class ManagedAgreementTests
{
    private static readonly ModelConfig llama = new()
    {
        Architecture = Architecture.Llama,
        HiddenSize = 96,
        IntermediateSize = 200,
        Layers = 3,
        Heads = 6,
        KeyValueHeads = 2,
        HeadSize = 16,
        VocabularySize = 1500,
        ContextLength = 256,
        RopeScaling = RopeScaling.Llama3,
        RopeFactor = 8,
        RopeOriginalContext = 64,
    };

    public static TheoryData<Architecture> Architectures => [.. Enum.GetValues<Architecture>()];

    [Theory]
    [MemberData(nameof(Architectures))]
    public void A_float32_run_draws_the_managed_engine_s_tokens(Architecture architecture)
    {
        ModelWeights weights = Weights(architecture);
        SamplingOptions[] kinds =
        [
            new() { MaxNewTokens = 40 }, new() { MaxNewTokens = 25, Temperature = 0.8, TopP = 0.9 }, new() { MaxNewTokens = 60, TopK = 20, MinP = 0.02 },
        ];
        SampleRequest[] requests =
        [
            .. Enumerable.Range(0, 36).Select(i => new SampleRequest(
                RandomModels.Tokens(weights.Config, (ulong)(i / 4), 5 + (i / 4 * 3)), CounterRandom.Derive(3, (ulong)i), kinds[i % 3], [7, 11])),
        ];
        using var managed = new ManagedEngine(weights, 1);
        using TorchSharpEngine torch = Engines.Plain(weights);
        IReadOnlyList<Sample> expected = managed.Sample(requests), actual = torch.Sample(requests);
        int same = 0;
        for (int i = 0; i < requests.Length; i++)
        {
            int agreed = expected[i].Tokens.AsSpan().CommonPrefixLength(actual[i].Tokens);
            if (agreed == expected[i].Tokens.Length && agreed == actual[i].Tokens.Length) same++;
            Near.Tensor($"request {i}", expected[i].LogProbs[..agreed], actual[i].LogProbs[..agreed], 1e-4, 1);
        }

        // A uniform number may fall between two sums that differ by rounding: rarely, and never for most requests.
        Assert.True(same >= requests.Length - 2, $"{same} of {requests.Length} completions are the managed engine's");
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Its_sampler_and_its_scorer_agree(Architecture architecture)
    {
        ModelWeights weights = Weights(architecture);
        var options = new SamplingOptions { MaxNewTokens = 90 };
        SampleRequest[] requests = [.. Enumerable.Range(0, 20).Select(
            i => new SampleRequest(RandomModels.Tokens(weights.Config, (ulong)(i / 3), 9 + i), (ulong)i, options, []))];
        using TorchSharpEngine engine = Engines.Plain(weights);
        IReadOnlyList<Sample> samples = engine.Sample(requests);
        IReadOnlyList<float[]> scored = engine.LogProbs(
            [.. requests.Zip(samples, (r, s) => new TokenSequence([.. r.Prompt, .. s.Tokens], r.Prompt.Length))]);
        double worst = samples.Zip(scored).Max(p => p.First.LogProbs.Zip(p.Second).Max(x => Math.Abs(x.First - x.Second)));
        Assert.True(worst <= 1e-4, $"a token's log-prob is off by {worst:e2}");
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Twenty_steps_are_the_managed_engine_s(Architecture architecture)
    {
        ModelWeights weights = Weights(architecture);
        TokenSequence[] sequences =
            [.. Enumerable.Range(0, 12).Select(i => new TokenSequence(RandomModels.Tokens(weights.Config, (ulong)(50 + i), 20 + (i * 9)), 4 + i))];
        var options = new StepOptions { LearningRate = 1e-3, WeightDecay = 0.1, ClipNorm = 0.5, Epsilon = 1e-5, Dropout = 0.1 };
        using var managed = new ManagedEngine(weights, 1);
        using TorchSharpEngine plain = Engines.Plain(weights), fused = Engines.Fused(weights);
        IEnumerable<double> sums = managed.LogProbs(sequences).Select(row => row.Sum(x => (double)x));
        ReferenceLogProbs[] references = [.. sums.Chunk(2).Select(p => new ReferenceLogProbs(p[0], p[1]))];
        var objective = new PreferenceLoss(new PreferenceLossOptions { Beta = 0.1 }, references);
        for (int step = 0; step < 20; step++)
        {
            var batch = new TrainingBatch(sequences) { DropoutSeed = (ulong)step };
            StepReport expected = managed.Step(batch, objective, options);
            foreach (TorchSharpEngine engine in (TorchSharpEngine[])[plain, fused])
            {
                StepReport actual = engine.Step(batch, objective, options);
                Near.Number($"loss {step}", expected.Loss, actual.Loss, 2e-3, 0.1);
                Near.Number($"norm {step}", expected.GradientNorm, actual.GradientNorm, 5e-3);
            }
        }

        foreach ((WeightTensor expected, WeightTensor actual) in managed.ExportWeights().Tensors.Zip(plain.ExportWeights().Tensors))
        {
            Near.Tensor(expected.Name, expected.Data, actual.Data, 2e-3);
        }
    }

    private static ModelWeights Weights(Architecture architecture)
    {
        ModelConfig config = architecture switch
        {
            Architecture.Mistral => llama with { Architecture = architecture, RopeScaling = RopeScaling.None },
            Architecture.Qwen2 => llama with
            {
                Architecture = architecture, QueryKeyValueBias = true, TiedEmbeddings = true, RopeScaling = RopeScaling.Linear, RopeFactor = 2,
            },
            Architecture.Qwen3 => llama with
            {
                Architecture = architecture, QueryKeyNorm = true, HeadSize = 24, RopeScaling = RopeScaling.None, RopeTheta = 1e6,
            },
            _ => llama,
        };
        return ModelWeights.Initialize(config, 5, 0.08);
    }
}

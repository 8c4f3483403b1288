using System.Runtime.InteropServices;
using OrleansAlign.Core.Policies;
using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Losses;
using OrleansAlign.Models.Tests.Engines.Conformance;
using OrleansAlign.Models.Tests.Engines.Reference;
using TorchSharp;

namespace OrleansAlign.TorchSharp.Tests;

/// <summary>Behaviour of this engine alone: devices, misuse, dropout's masks, numbers that are not finite.</summary>
public sealed class EngineTests
{
    private const string Model = "head size 2, tied, qkv biases";

    public static TheoryData<string> Models => [.. RandomModels.Configs.Keys];

    [Fact]
    public void The_processor_is_always_there() => Assert.Null(new TorchSharpEngineFactory().Problem("cpu"));

    [Xunit.Theory]
    [InlineData("gpu")]
    [InlineData("cuda:")]
    [InlineData("cuda:-1")]
    [InlineData("cuda:x")]
    [InlineData("cuda:99999999999")]
    [InlineData("CPU")]
    [InlineData("")]
    public void A_device_that_is_none_is_named_in_one_line(string device)
    {
        string problem = new TorchSharpEngineFactory().Problem(device)!;
        Assert.Equal($"device is {device}; the torchsharp engine computes on cpu, cuda or cuda:N", problem);
        ArgumentException error = Assert.Throws<ArgumentException>(() => new TorchSharpEngine(RandomModels.Weights(Model), device));
        Assert.Equal(problem, error.Message.Split(" (Parameter")[0]);
    }

    [Fact]
    public void A_GPU_that_is_not_there_is_one_line_before_anything_starts()
    {
        var factory = new TorchSharpEngineFactory();
        string problem = factory.Problem("cuda:63")!;
        Assert.StartsWith("device is cuda:63, but ", problem, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', problem);
        Assert.Equal(problem, Assert.Throws<NotSupportedException>(() => factory.Create(RandomModels.Weights(Model), "cuda:63", 1)).Message);
        var catalog = new EngineCatalog(factory);
        Assert.Equal(problem, catalog.Problem(new EngineChoice(EngineKind.Torchsharp, "cuda:63", 1)));
        if (!torch.cuda.is_available()) Assert.Contains("no CUDA GPU", factory.Problem("cuda"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_recipe_s_choice_gets_this_engine()
    {
        var catalog = new EngineCatalog(new TorchSharpEngineFactory());
        var choice = new EngineChoice(EngineKind.Torchsharp, "cpu", 1);
        Assert.Null(catalog.Problem(choice));
        using IPolicyEngine engine = catalog.Create(RandomModels.Weights(Model), choice);
        Assert.IsType<TorchSharpEngine>(engine);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Torch_uses_the_threads_it_was_given(int threads)
    {
        using var engine = new TorchSharpEngine(RandomModels.Weights(Model), "cpu", threads);
        int during = 0;
        engine.Gradients(new TrainingBatch([new TokenSequence([1, 2], 1)]), new Calling(() => during = torch.get_num_threads()));
        Assert.Equal(threads, during);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Steps_with_dropout_agree_with_the_reference(string name)
    {
        ModelWeights weights = RandomModels.Weights(name);
        (TrainingBatch batch, IObjective objective) = ModelConformance.Objective(weights.Config, "sft");
        using TorchSharpEngine plain = Engines.Plain(weights), tight = Engines.Tight(weights);
        using var reference = new ReferenceEngine(weights);
        var options = new StepOptions { LearningRate = 1e-3, Epsilon = 1e-3, Dropout = 0.3 };
        double without = plain.Gradients(batch, objective).Value.Loss;
        for (ulong step = 0; step < 3; step++)
        {
            TrainingBatch seeded = batch with { DropoutSeed = 70 + step };
            StepReport expected = reference.Step(seeded, objective, options);
            foreach (TorchSharpEngine engine in (TorchSharpEngine[])[plain, tight])
            {
                StepReport actual = engine.Step(seeded, objective, options);
                Near.Number($"{name} loss {step}", expected.Loss, actual.Loss, 1e-4);
                Near.Number($"{name} norm {step}", expected.GradientNorm, actual.GradientNorm, 1e-3);
                if (step == 0) Assert.NotEqual(without, actual.Loss);
            }
        }
    }

    [Theory]
    [InlineData(double.NaN, 0, "loss")]
    [InlineData(0, float.NaN, "gradient of ")]
    [InlineData(0, float.PositiveInfinity, "gradient of ")]
    public void What_is_not_finite_stops_before_the_weights(double loss, float slope, string named)
    {
        ModelWeights weights = RandomModels.Weights(Model);
        (TrainingBatch batch, IObjective objective) = ModelConformance.Objective(weights.Config, "sigmoid");
        using TorchSharpEngine engine = Engines.Plain(weights);
        engine.Step(batch, objective, new StepOptions());
        string hash = engine.ExportWeights().Hash();
        var error = Assert.Throws<ArithmeticException>(() => engine.Step(batch, new Broken(loss, slope), new StepOptions()));
        Assert.Contains("step 2", error.Message, StringComparison.Ordinal);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
        Assert.Equal(hash, engine.ExportWeights().Hash());
        Assert.Equal(1, engine.ExportOptimizer().Step);
    }

    [Fact]
    public void An_engine_in_use_says_so()
    {
        TorchSharpEngine engine = Engines.Plain(RandomModels.Weights(Model));
        engine.Gradients(new TrainingBatch([new TokenSequence([1, 2], 1)]), new Calling(() =>
        {
            Assert.Throws<InvalidOperationException>(() => engine.ExportWeights());
            Assert.Throws<InvalidOperationException>(engine.Dispose);
        }));
        engine.Dispose();
    }

    [Fact]
    public void A_prompt_s_candidates_that_must_wait_draw_what_they_would_have_drawn_at_once()
    {
        ModelWeights weights = RandomModels.Weights("beyond one block of everything");
        SampleRequest[] requests =
        [
            .. Enumerable.Range(0, 24).Select(i => new SampleRequest(
                RandomModels.Tokens(weights.Config, (ulong)(i % 3), 4 + (i % 3 * 8)), (ulong)i, new SamplingOptions { MaxNewTokens = 1 + (i * 5 % 17) }, [3])),
        ];
        using TorchSharpEngine roomy = Engines.Plain(weights);
        using var narrow = new TorchSharpEngine(weights, "cpu", 1, new TorchSharpEngineOptions { MaxStreams = 5, PassTokens = 30, LogitBytes = 4 * 523 * 3 });
        IReadOnlyList<Sample> expected = roomy.Sample(requests), actual = narrow.Sample(requests);
        for (int i = 0; i < requests.Length; i++)
        {
            Assert.Equal(expected[i].Tokens, actual[i].Tokens);
            Assert.Equal(expected[i].Finish, actual[i].Finish);
            Near.Tensor($"request {i}", expected[i].LogProbs, actual[i].LogProbs, 1e-5, 1);
        }
    }

    [Theory]
    [InlineData(
        "CUDA out of memory. Tried to allocate 20.00 GiB. GPU 0 has a total capacity of 79.10 GiB of which 3.00 GiB is free.\n"
        + "Exception raised from malloc at x.cpp:1")]
    [InlineData(
        "[enforce fail at alloc_cpu.cpp:66] . DefaultCPUAllocator: can't allocate memory: you tried to allocate 90000000000 bytes. Error code 12\n"
        + "frame #0: y")]
    public void A_lack_of_memory_is_one_line_with_a_remedy(string said)
    {
        var error = new LibtorchError(said);
        Assert.True(DeviceMemory.IsExhausted(error));
        Assert.False(DeviceMemory.IsExhausted(new LibtorchError("mat1 and mat2 shapes cannot be multiplied")));
        string message = DeviceMemory.Exhausted(error, new torch.Device(DeviceType.CUDA, 3)).Message;
        Assert.StartsWith($"the torchsharp engine ran out of memory on cuda:3 ({said.Split('\n')[0]}); ", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void Models_that_no_engine_computes_are_refused()
    {
        ModelConfig config = RandomModels.Configs[Model];
        Assert.Throws<ArgumentException>(() => new TorchSharpEngine(ModelWeights.Initialize(config with { KeyValueHeads = 4 }, 1)));
        Assert.Throws<ArgumentException>(() => new TorchSharpEngine(ModelWeights.Initialize(config with { HeadSize = 7 }, 1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TorchSharpEngine(RandomModels.Weights(Model), "cpu", -1));
    }

    private sealed class LibtorchError(string message) : ExternalException(message);

    private sealed class Calling(Action action) : IObjective
    {
        public ObjectiveValue Evaluate(TrainingBatch batch, IReadOnlyList<float[]> logProbs, IReadOnlyList<float[]> gradients)
        {
            action();
            return new ObjectiveValue(0, new Dictionary<string, double>());
        }
    }

    private sealed class Broken(double loss, float slope) : IObjective
    {
        public ObjectiveValue Evaluate(TrainingBatch batch, IReadOnlyList<float[]> logProbs, IReadOnlyList<float[]> gradients)
        {
            gradients[0][1] = slope;
            return new ObjectiveValue(loss, new Dictionary<string, double>());
        }
    }
}

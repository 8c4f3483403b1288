using System.Diagnostics;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Losses;
using OrleansAlign.Models.Tests.Engines.Conformance;
using TorchSharp;

namespace OrleansAlign.TorchSharp.Tests;

/// <summary>Memory outside the garbage collector's heap: all of it is freed, and none of it while it is in use.</summary>
[Collection(nameof(Alone))]
public sealed class MemoryTests
{
    [Fact]
    public void Five_hundred_steps_leave_no_tensor_and_no_memory_behind()
    {
        ModelWeights weights = RandomModels.Weights("beyond one block of everything");
        (TrainingBatch batch, IObjective objective) = ModelConformance.Objective(weights.Config, "sigmoid");
        using TorchSharpEngine plain = Engines.Plain(weights), tight = Engines.Tight(weights);
        void Round(int round)
        {
            plain.Step(batch with { DropoutSeed = (ulong)round }, objective, new StepOptions { LearningRate = 1e-5, Dropout = 0.1 });
            if (round % 10 != 0) return;
            tight.Step(batch, objective, new StepOptions { LearningRate = 1e-5 });
            plain.LogProbs(batch.Sequences);
            plain.Sample([.. Enumerable.Range(0, 5).Select(
                i => new SampleRequest([1, i / 2], (ulong)i, new SamplingOptions { MaxNewTokens = 3 + i, TopP = 0.9 }, []))]);
            using var source = new CancellationTokenSource();
            Assert.Throws<OperationCanceledException>(() => plain.Step(batch, new Cancelling(source), new StepOptions(), source.Token));
        }

        for (int round = 0; round < 60; round++) Round(round);
        (long tensors, long memory) = (torch.Tensor.TotalCount, Resident());
        for (int round = 60; round < 560; round++) Round(round);
        Assert.Equal(tensors, torch.Tensor.TotalCount);
        long grown = Resident() - memory;
        Assert.True(grown < 16 << 20, $"500 steps left {grown / (1 << 20)} MiB behind");
    }

    [Fact]
    public void A_disposed_engine_leaves_no_tensor_behind()
    {
        long before = torch.Tensor.TotalCount;
        ModelWeights weights = RandomModels.Weights("q/k norm, all biases, tied, one wide head");
        (TrainingBatch batch, IObjective objective) = ModelConformance.Objective(weights.Config, "sigmoid");
        TorchSharpEngine engine = Engines.Plain(weights);
        engine.Step(batch, objective, new StepOptions());
        engine.Sample([new SampleRequest([1], 1, new SamplingOptions { MaxNewTokens = 3 }, [])]);
        Assert.True(torch.Tensor.TotalCount > before);
        engine.Dispose();
        engine.Dispose();
        Assert.Equal(before, torch.Tensor.TotalCount);
        Assert.Throws<ObjectDisposedException>(() => engine.LogProbs(batch.Sequences));
    }

    [Fact]
    public void The_garbage_collector_changes_nothing_whenever_it_comes()
    {
        ModelWeights weights = RandomModels.Weights("q/k norm, all biases, tied, one wide head");
        (TrainingBatch batch, IObjective objective) = ModelConformance.Objective(weights.Config, "sigmoid");
        string Run()
        {
            using TorchSharpEngine engine = Engines.Plain(weights);
            for (int i = 0; i < 40; i++) engine.Step(batch with { DropoutSeed = (ulong)i }, objective, new StepOptions { LearningRate = 1e-3, Dropout = 0.1 });
            var options = new SamplingOptions { MaxNewTokens = 20, TopP = 0.9 };
            IReadOnlyList<Sample> samples = engine.Sample([.. Enumerable.Range(0, 6).Select(i => new SampleRequest([1, i], (ulong)i, options, []))]);
            return engine.ExportWeights().Hash() + string.Join(' ', samples.SelectMany(s => s.LogProbs));
        }

        string quiet = Run();
        using var done = new CancellationTokenSource();
        var collector = new Thread(() =>
        {
            while (!done.IsCancellationRequested)
            {
                GC.Collect(0);
                GC.WaitForPendingFinalizers();
            }
        });
        collector.Start();
        try
        {
            Assert.Equal(quiet, Run());
        }
        finally
        {
            done.Cancel();
            collector.Join();
        }
    }

    /// <summary>See <c>ScalarMath</c>: TorchSharp's own conversions, and its addition without a factor, free a scalar that may still be read.</summary>
    [Fact]
    public void No_number_is_handed_to_TorchSharp_without_being_held()
    {
        using var file = new PEReader(File.OpenRead(typeof(TorchSharpEngine).Assembly.Location));
        MetadataReader metadata = file.GetMetadataReader();
        int seen = 0;
        foreach (MemberReferenceHandle handle in metadata.MemberReferences)
        {
            MemberReference member = metadata.GetMemberReference(handle);
            if (member.Parent.Kind != HandleKind.TypeReference) continue;
            string type = metadata.GetString(metadata.GetTypeReference((TypeReferenceHandle)member.Parent).Name), name = metadata.GetString(member.Name);
            BlobReader signature = metadata.GetBlobReader(member.Signature);
            signature.ReadSignatureHeader();
            int parameters = signature.ReadCompressedInteger();
            if (type == "Tensor") seen++;
            Assert.False(type == "Scalar" && name == "op_Implicit", "a number is converted to a scalar implicitly; use ScalarMath");
            Assert.False(
                type == "Tensor" && name is "add" or "add_" && parameters == 1, "Tensor.add makes a scalar of its own; use ScalarMath.Plus or Increase");
            Assert.False(type == "Tensor" && name.StartsWith("op_", StringComparison.Ordinal), $"Tensor.{name} makes a scalar of its own; use ScalarMath");
        }

        Assert.True(seen > 30, $"only {seen} of the engine's calls were found");
    }

    private static long Resident()
    {
        for (int i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        using Process process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }

    private sealed class Cancelling(CancellationTokenSource source) : IObjective
    {
        public ObjectiveValue Evaluate(TrainingBatch batch, IReadOnlyList<float[]> logProbs, IReadOnlyList<float[]> gradients)
        {
            source.Cancel();
            return new ObjectiveValue(1, new Dictionary<string, double>());
        }
    }
}

/// <summary>Tests that count tensors: no other may run beside them.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;

using System.Diagnostics;
using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Engines.Managed;
using OrleansAlign.Models.Tests.Engines.Conformance;

namespace OrleansAlign.Models.Tests.Engines.Managed;

public class ManagedEngineBitsTests
{
    [Fact]
    public void Threads_do_not_change_a_bit()
    {
        string one = BitsProgram.Everything(1);
        Assert.Equal(one, BitsProgram.Everything(2));
        Assert.Equal(one, BitsProgram.Everything(3));
    }

    // An instruction set is disabled in the child's runtime; the child prints the vector width that it used, so that an ignored setting fails the test.
    [Theory]
    [InlineData("DOTNET_EnableAVX512", 256)]
    [InlineData("DOTNET_EnableAVX2", 128)]
    public void A_process_without_the_wider_instructions_computes_the_same_bits(string setting, int mostBits)
    {
        string[] other = RunWithout(setting).Split(' ');
        Assert.InRange(int.Parse(other[0]), 128, mostBits);
        Assert.Equal(BitsProgram.Everything(2), other[1]);
    }

    [Theory]
    [MemberData(nameof(TinyModels.Names), MemberType = typeof(TinyModels))]
    public void Every_width_gives_the_same_logits_and_gradients(string name)
    {
        ModelConfig config = TinyModels.Config(name);
        var batch = new TrainingBatch(TinyModels.Ragged(config));
        int[][] tokens = [.. batch.Sequences.Select(s => s.Tokens)];
        using var wide = new ManagedEngine(TinyModels.Weights(config), 1, new ManagedEngineOptions(), 512);
        IReadOnlyList<float[]> logits = wide.Logits(tokens);
        IReadOnlyList<WeightTensor> gradients = wide.Gradients(batch, new WeightedSum()).Gradients;
        foreach (int bits in new[] { 256, 128 })
        {
            using var engine = new ManagedEngine(TinyModels.Weights(config), 2, new ManagedEngineOptions(), bits);
            Assert.Equal(logits, engine.Logits(tokens));
            Assert.Equal(gradients.Select(g => g.Data), engine.Gradients(batch, new WeightedSum()).Gradients.Select(g => g.Data));
        }
    }

    [Theory]
    [MemberData(nameof(TinyModels.Names), MemberType = typeof(TinyModels))]
    public void A_sequence_alone_has_the_log_probs_it_has_in_any_batch(string name)
    {
        ModelConfig config = TinyModels.Config(name);
        using var engine = new ManagedEngine(TinyModels.Weights(config), 2);
        using var small = new ManagedEngine(TinyModels.Weights(config), 2, new ManagedEngineOptions { PrefillTokens = 50 });
        TokenSequence[] sequences = TinyModels.Ragged(config);
        IReadOnlyList<float[]> together = engine.LogProbs(sequences);
        Assert.Equal(together, small.LogProbs(sequences));
        for (int i = 0; i < sequences.Length; i++)
        {
            Assert.Equal(sequences[i].CompletionLength, together[i].Length);
            Assert.Equal(together[i], engine.LogProbs([sequences[i]])[0]);
        }
    }

    [Theory]
    [MemberData(nameof(TinyModels.Names), MemberType = typeof(TinyModels))]
    public void Log_probs_are_the_log_softmax_of_the_logits(string name)
    {
        ModelConfig config = TinyModels.Config(name);
        using var engine = new ManagedEngine(TinyModels.Weights(config), 2);
        int[] tokens = TinyModels.Tokens(config, 40, 3);
        float[] logProbs = engine.LogProbs([new TokenSequence(tokens, 1)])[0], logits = engine.Logits([tokens])[0];
        for (int t = 1; t < tokens.Length; t++)
        {
            float[] row = logits[((t - 1) * config.VocabularySize)..(t * config.VocabularySize)];
            double max = row.Max(), partition = max + Math.Log(row.Sum(l => Math.Exp(l - max)));
            Assert.Equal(row[tokens[t]] - partition, logProbs[t - 1], 2e-6);
        }
    }

    [Fact]
    public void Shared_prefixes_do_not_change_a_bit()
    {
        ModelConfig config = TinyModels.Llama;
        using var engine = new ManagedEngine(TinyModels.Weights(config), 2);
        int[] head = TinyModels.Tokens(config, 45, 1);
        int[] longer = [.. head, .. TinyModels.Tokens(config, 30, 2)];

        // Equal, nested, branching within a page, at its edge, early, and not at all.
        int[][] prompts =
        [
            longer, head, [.. head], head[..32], head[..20], [.. head, 1, 2, 3], [.. head, 1, 2, 4], [.. head[..32], 7], [.. head[..18], 9, 9],
            TinyModels.Tokens(config, 60, 8), [.. longer, 5], [head[0]],
        ];
        IReadOnlyList<float[]> together = engine.Logits(prompts);
        for (int i = 0; i < prompts.Length; i++) Assert.Equal(engine.Logits([prompts[i]])[0], together[i]);
        IReadOnlyList<ChoiceLogits> choices = engine.ChoiceLogits(prompts, [3, 0, config.VocabularySize - 1]);
        for (int i = 0; i < prompts.Length; i++)
        {
            float[] row = together[i][^config.VocabularySize..];
            Assert.Equal([row[3], row[0], row[^1]], choices[i].Logits);
            Assert.Equal(Math.Log(row.Sum(l => Math.Exp(l))), choices[i].LogPartition, 1e-4);
        }

        var options = new SamplingOptions { MaxNewTokens = 40 };
        SampleRequest[] requests = [.. prompts.Select((p, i) => new SampleRequest(p, (ulong)i, options, []))];
        IReadOnlyList<Sample> samples = engine.Sample(requests);
        for (int i = 0; i < requests.Length; i++) Assert.Equal(engine.Sample([requests[i]])[0].LogProbs, samples[i].LogProbs);
    }

    private static string RunWithout(string setting)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet")
        {
            RedirectStandardOutput = true,
            ArgumentList = { "exec", typeof(BitsProgram).Assembly.Location, "bits" },
            Environment = { [setting] = "0" },
        };
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output.Trim();
    }
}

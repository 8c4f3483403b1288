using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Numerics;
using OrleansAlign.Models.Tests.Engines.Reference;
using TorchSharp;
using static TorchSharp.torch;

namespace OrleansAlign.TorchSharp.Tests;

/// <summary>The draw on the device against the reference sampler, with many equal logits.</summary>
public sealed class TokenDrawTests
{
    public static TheoryData<double, int, double, double> Kinds => new()
    {
        { 0, 0, 1, 0 }, { 1, 0, 1, 0 }, { 0.5, 0, 1, 0.1 }, { 1, 5, 1, 0 }, { 2, 40, 0.7, 0 },
        { 1, 0, 0.3, 0 }, { 1, 0, 0.999, 0 }, { 1.3, 7, 0.95, 0.2 }, { 1, 1, 1, 0 }, { 1, 99999, 1e-9, 0 },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Draws_are_the_reference_sampler_s(double temperature, int topK, double topP, double minP)
    {
        var options = new SamplingOptions { Temperature = temperature, TopK = topK, TopP = topP, MinP = minP };
        using DisposeScope scope = NewDisposeScope();

        // More ids than the draw sorts at first, and logits in steps of a quarter, so that many are equal at every threshold.
        const int rows = 40, vocabulary = 3000;
        float[] logits = [.. Enumerable.Range(0, rows * vocabulary).Select(i =>
        {
            (int row, int id) = (i / vocabulary, i % vocabulary);
            return (float)(Math.Round(CounterRandom.Normal((ulong)row, (ulong)id) * 4 * (1 + (row % 3))) / 4);
        })];
        double[] uniforms = [.. Enumerable.Range(0, rows).Select(i => i == 0 ? 0 : CounterRandom.Uniform(7, (ulong)i))];
        long[] drawn = HostMemory.DownloadIntegers(TokenDraw.Choose(tensor(logits, [rows, vocabulary]), options, tensor(uniforms)));
        for (int row = 0; row < rows; row++)
        {
            double[] one = [.. logits[(row * vocabulary)..((row + 1) * vocabulary)].Select(x => (double)x)];
            Assert.Equal(ReferenceSampler.Draw(ReferenceSampler.Distribution(one, options), uniforms[row]), drawn[row]);
        }
    }

    [Fact]
    public void A_uniform_number_next_to_1_draws_the_last_kept_id()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = tensor([0f, 1f, -200f, float.NegativeInfinity], [1, 4]);
        Assert.Equal([1L], HostMemory.DownloadIntegers(TokenDraw.Choose(logits, new SamplingOptions(), tensor([Math.BitDecrement(1.0)]))));
        Assert.Equal([0L], HostMemory.DownloadIntegers(TokenDraw.Choose(logits, new SamplingOptions(), tensor([0.0]))));
    }

    [Fact]
    public void Dropout_s_masks_are_made_of_the_counter_s_bits()
    {
        using DisposeScope scope = NewDisposeScope();
        var settings = new EngineSettings(
            new TorchSharpEngineOptions(), CPU, OrleansAlign.Models.Tests.Engines.Conformance.RandomModels.Configs["three layers, two to one"]);
        int[] sequences = [0, 0, 3], positions = [0, 1, 700];
        const int width = 301;
        float[] mask = HostMemory.Download(new DropoutMasks(ulong.MaxValue - 5, 0.25, sequences, positions, width, settings).Of(2, 1));
        for (int row = 0; row < 3; row++)
        {
            ulong seed = CounterRandom.Derive(CounterRandom.Derive(ulong.MaxValue - 5, 5), ((ulong)sequences[row] << 32) | (uint)positions[row]);
            for (int i = 0; i < width; i++)
            {
                uint bits = (uint)(CounterRandom.Bits(seed, (ulong)(i / 2)) >> (32 * (i % 2)));
                Assert.Equal(bits < 1u << 30 ? 0f : 4f / 3, mask[(row * width) + i]);
            }
        }
    }
}

using OrleansAlign.Models.Engines.Managed;

namespace OrleansAlign.Models.Tests.Engines.Managed;

public class EngineBenchmarkTests
{
    [Fact]
    public void Figures_are_finite_and_a_share_refers_to_the_peak_it_was_given()
    {
        using var engine = new ManagedEngine(TinyModels.Weights(TinyModels.Llama), 1);
        BenchmarkFigure sampling = EngineBenchmark.Sampling(engine, [1, 3], 20, 0, 0.05)[1];
        BenchmarkFigure training = EngineBenchmark.Training(engine, "step", 2, 30, 1, peak: 1);
        Assert.True(double.IsFinite(sampling.Rate) && sampling.Rate > 0);
        Assert.Equal("tokens/s", sampling.Unit);
        double perToken = (6.0 * TinyModels.Llama.ParameterCount) + (6.0 * 2 * 4 * 6 * 30);
        Assert.Equal(training.Rate * perToken / 1e9, training.ShareOfPeak, 1e-6 * training.ShareOfPeak);
    }

    [Fact]
    public void The_measured_sizes_are_what_their_names_say()
    {
        Assert.InRange(EngineBenchmark.Medium.ParameterCount, 11_500_000, 12_500_000);
        Assert.InRange(EngineBenchmark.Demo.ParameterCount, 180_000, 250_000);
    }
}

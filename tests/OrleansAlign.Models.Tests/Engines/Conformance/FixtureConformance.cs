using System.Text.Json;
using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Losses;

namespace OrleansAlign.Models.Tests.Engines.Conformance;

/// <summary>An engine against numbers that an independent implementation computed in float64, for every fixture that is found.</summary>
/// <remarks>A test class per engine derives from this and makes the engine.</remarks>
public abstract class FixtureConformance
{
    public static TheoryData<string> Names => [.. ExpectedFixture.Names];

    public static TheoryData<string, string> Losses
    {
        get
        {
            TheoryData<string, string> data = [];
            foreach (string name in ExpectedFixture.Names)
            {
                foreach (string loss in ExpectedFixture.Load(name).Expected.Losses.Keys.Append("sft")) data.Add(name, loss);
            }

            return data;
        }
    }

    public static TheoryData<string> Published => [.. Fixtures.ModelsWith("greedy.json").Keys];

    /// <summary>Of logits, log-probs and losses, relative to the largest.</summary>
    protected virtual double LogitTolerance => 1e-4;

    /// <summary>Of gradients, relative to each tensor's largest.</summary>
    protected virtual double GradientTolerance => 1e-3;

    protected abstract IPolicyEngine Create(ModelWeights weights);

    [Theory]
    [MemberData(nameof(Names))]
    public void Logits_are_those_expected(string name)
    {
        ExpectedFixture fixture = ExpectedFixture.Load(name);
        using SafeTensorsFile expected = fixture.Tensors("logits.safetensors");
        using IPolicyEngine engine = Create(fixture.Policy());
        IReadOnlyList<float[]> logits = engine.Logits(fixture.Expected.Sequences);
        Assert.Equal(fixture.Expected.Sequences.Length, logits.Count);
        for (int i = 0; i < logits.Count; i++) Near.Tensor($"{name} sequence {i}", expected.Read($"sequence.{i}").Data, logits[i], LogitTolerance);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Greedy_continuations_are_those_expected(string name)
    {
        ExpectedFixture fixture = ExpectedFixture.Load(name);
        using IPolicyEngine engine = Create(fixture.Policy());
        IReadOnlyList<Sample> samples = engine.Sample([.. fixture.Expected.Greedy.Select(g => Greedy(g.Prompt, g.Continuation.Length))]);
        for (int i = 0; i < samples.Count; i++)
        {
            Assert.Equal(fixture.Expected.Greedy[i].Continuation, samples[i].Tokens);
            Assert.Equal(FinishReason.Length, samples[i].Finish);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Policy_and_reference_log_probs_are_those_expected(string name)
    {
        ExpectedFixture fixture = ExpectedFixture.Load(name);
        ExpectedFixture.Logps expected = fixture.Expected.Logps;
        using IPolicyEngine policy = Create(fixture.Policy()), reference = Create(fixture.Reference());
        Check(policy, fixture.Chosen, expected.PolicyChosen);
        Check(policy, fixture.Rejected, expected.PolicyRejected);
        Check(reference, fixture.Chosen, expected.ReferenceChosen);
        Check(reference, fixture.Rejected, expected.ReferenceRejected);

        void Check(IPolicyEngine engine, IEnumerable<TokenSequence> sequences, double[] sums)
        {
            double[] actual = [.. engine.LogProbs([.. sequences]).Select(row => row.Sum(x => (double)x))];
            for (int i = 0; i < sums.Length; i++) Near.Number($"{name} log-prob {i}", sums[i], actual[i], LogitTolerance);
        }
    }

    [Theory]
    [MemberData(nameof(Losses))]
    public void Losses_and_gradient_norms_are_those_expected(string name, string loss)
    {
        ExpectedFixture fixture = ExpectedFixture.Load(name);
        using IPolicyEngine engine = Create(fixture.Policy());
        (TrainingBatch batch, IObjective objective) = fixture.Objective(loss);
        (ObjectiveValue value, IReadOnlyList<WeightTensor> gradients) = engine.Gradients(batch, objective);
        double norm = Math.Sqrt(gradients.Sum(t => t.Data.Sum(g => (double)g * g)));
        ExpectedFixture.PairLosses? expected = loss == "sft" ? null : fixture.Expected.Losses[loss];
        Near.Number($"{name} {loss} loss", expected?.Mean ?? fixture.Expected.Sft.Loss, value.Loss, LogitTolerance);
        Near.Number($"{name} {loss} gradient norm", expected?.GradNorm ?? fixture.Expected.Sft.GradNorm, norm, GradientTolerance);
        double[] perPair = expected?.PerPair ?? [];
        for (int p = 0; p < perPair.Length; p++)
        {
            var one = new PreferenceLoss(ExpectedFixture.Options(loss, fixture.Expected.Beta), [fixture.References[p]]);
            Near.Number($"{name} {loss} pair {p}", perPair[p], engine.Gradients(fixture.PairBatch(p), one).Value.Loss, LogitTolerance);
        }
    }

    [Theory]
    [MemberData(nameof(Losses))]
    public void Every_weight_has_the_gradient_expected(string name, string loss)
    {
        ExpectedFixture fixture = ExpectedFixture.Load(name);
        using SafeTensorsFile expected = fixture.Tensors("gradients.safetensors");
        using IPolicyEngine engine = Create(fixture.Policy());
        (TrainingBatch batch, IObjective objective) = fixture.Objective(loss);
        IReadOnlyList<WeightTensor> gradients = engine.Gradients(batch, objective).Gradients;
        Assert.Equal(engine.Config.TensorShapes().Select(t => t.Name), gradients.Select(g => g.Name));
        Dictionary<string, WeightTensor> wanted = gradients.ToDictionary(g => g.Name, g => expected.Read($"{loss}.{g.Name}"));
        double floor = 1e-4 * wanted.Values.Max(t => t.Data.Max(Math.Abs));
        foreach (WeightTensor gradient in gradients)
        {
            Assert.Equal(wanted[gradient.Name].Shape, gradient.Shape);
            Near.Tensor($"{name} {loss} {gradient.Name}", wanted[gradient.Name].Data, gradient.Data, GradientTolerance, floor);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void AdamW_takes_the_trajectory_expected(string name)
    {
        ExpectedFixture fixture = ExpectedFixture.Load(name);
        ExpectedFixture.AdamW settings = fixture.Expected.Adamw;
        using IPolicyEngine engine = Create(fixture.Policy());
        (TrainingBatch batch, IObjective objective) = fixture.AdamWObjective();
        Assert.Equal(settings.Steps, settings.Trajectory.Length);
        for (int step = 0; step < settings.Steps; step++)
        {
            StepReport report = engine.Step(batch, objective, settings.Options);
            Near.Number($"{name} loss {step}", settings.Trajectory[step].Loss, report.Loss, LogitTolerance);
            Near.Number($"{name} gradient norm {step}", settings.Trajectory[step].GradNorm, report.GradientNorm, GradientTolerance);
            Assert.Equal(batch.Sequences.Sum(s => s.Tokens.Length), report.Tokens);
        }

        new AdamWTolerance(settings).Check(name, fixture, engine.ExportWeights());
    }

    [ModelFixtureTheory("greedy.json")]
    [MemberData(nameof(Published))]
    public void The_published_story_comes_out_token_by_token(string name)
    {
        string directory = Fixtures.ModelsWith("greedy.json")[name];
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(Path.Combine(directory, "greedy.json")));
        int[] story = [.. json.RootElement.GetProperty("greedy_from_bos").EnumerateArray().Select(e => e.GetInt32())];
        using IPolicyEngine engine = Create(Checkpoint.Load(directory));
        Assert.Equal(engine.Config.BosTokenId, story[0]);
        Sample sample = engine.Sample([Greedy([story[0]], story.Length - 1)])[0];
        Assert.Equal(story[1..], sample.Tokens);
    }

    private static SampleRequest Greedy(int[] prompt, int length) =>
        new(prompt, 0, new SamplingOptions { Temperature = 0, MaxNewTokens = length }, []);
}

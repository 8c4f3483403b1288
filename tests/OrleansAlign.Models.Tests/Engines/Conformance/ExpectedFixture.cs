using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Losses;

namespace OrleansAlign.Models.Tests.Engines.Conformance;

/// <summary>The results of an independent implementation for a model: <c>expected.json</c> and the tensors beside it.</summary>
internal sealed class ExpectedFixture
{
    private static readonly JsonSerializerOptions json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private readonly string directory;

    private ExpectedFixture(string directory, Contents contents)
    {
        this.directory = directory;
        Expected = contents;
    }

    public Contents Expected { get; }

    /// <summary>Directory names of the models that come with an <c>expected.json</c>, found in all fixture folders.</summary>
    public static IEnumerable<string> Names => Fixtures.ModelsWith("expected.json").Keys;

    public static ExpectedFixture Load(string name)
    {
        string directory = Fixtures.ModelsWith("expected.json")[name];
        return new ExpectedFixture(
            directory, JsonSerializer.Deserialize<Contents>(File.ReadAllText(Path.Combine(directory, "expected.json")), json)!);
    }

    public ModelWeights Policy() => Checkpoint.Load(directory);

    public ModelWeights Reference() => Checkpoint.LoadWeights(Policy().Config, Path.Combine(directory, "reference.safetensors"));

    public SafeTensorsFile Tensors(string file) => SafeTensorsFile.Open(Path.Combine(directory, file));

    public IEnumerable<TokenSequence> Chosen => Expected.Pairs.Select(p => Sequence(p.Prompt, p.Chosen));

    public IEnumerable<TokenSequence> Rejected => Expected.Pairs.Select(p => Sequence(p.Prompt, p.Rejected));

    /// <summary>The pairs as a preference batch: chosen and rejected alternate.</summary>
    public TrainingBatch Batch => new([.. Chosen.Zip(Rejected).SelectMany(p => (TokenSequence[])[p.First, p.Second])]);

    public TrainingBatch PairBatch(int index) => new([.. Batch.Sequences.Skip(2 * index).Take(2)]);

    public IReadOnlyList<ReferenceLogProbs> References =>
        [.. Expected.Logps.ReferenceChosen.Zip(Expected.Logps.ReferenceRejected, (c, r) => new ReferenceLogProbs(c, r))];

    public static PreferenceLossOptions Options(string kind, double beta) =>
        new() { Kind = Enum.Parse<PreferenceLossKind>(kind, ignoreCase: true), Beta = beta };

    /// <summary>The objective that a name in the fixture stands for, on all pairs.</summary>
    public (TrainingBatch Batch, IObjective Objective) Objective(string loss) =>
        loss == "sft" ? (new TrainingBatch([.. Chosen]), new SupervisedLoss())
            : (Batch, new PreferenceLoss(Options(loss, Expected.Beta), References));

    /// <summary>The objective of the AdamW trajectory.</summary>
    public (TrainingBatch Batch, IObjective Objective) AdamWObjective()
    {
        // The first step's gradient is then the one that the fixture holds under the loss's name.
        Assert.Equal(Expected.Beta, Expected.Adamw.Beta);
        return Objective(Expected.Adamw.Loss);
    }

    private static TokenSequence Sequence(int[] prompt, int[] completion) => new([.. prompt, .. completion], prompt.Length);

    internal sealed record Contents(
        int[][] Sequences, Greedy[] Greedy, Pair[] Pairs, Logps Logps, double Beta, Dictionary<string, PairLosses> Losses, Supervised Sft,
        AdamW Adamw);

    internal sealed record Greedy(int[] Prompt, int[] Continuation);

    internal sealed record Pair(int[] Prompt, int[] Chosen, int[] Rejected);

    internal sealed record Logps(double[] PolicyChosen, double[] PolicyRejected, double[] ReferenceChosen, double[] ReferenceRejected);

    internal sealed record PairLosses(double[] PerPair, double Mean, double GradNorm);

    internal sealed record Supervised(double Loss, double GradNorm);

    internal sealed record AdamW(
        double Lr, double[] Betas, double Eps, double WeightDecay, double ClipNorm, string Loss, double Beta, int Steps, Moment[] Trajectory)
    {
        public StepOptions Options => new()
        {
            LearningRate = Lr, Beta1 = Betas[0], Beta2 = Betas[1], Epsilon = Eps, WeightDecay = WeightDecay, ClipNorm = ClipNorm,
        };
    }

    internal sealed record Moment(double Loss, [property: JsonPropertyName("grad_norm_before_clip")] double GradNorm);
}

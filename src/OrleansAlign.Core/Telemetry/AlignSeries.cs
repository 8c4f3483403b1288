namespace OrleansAlign.Core.Telemetry;

/// <summary>Every series of both hosts. The table in <c>docs/metrics.md</c> is made of these.</summary>
public static class AlignSeries
{
    /// <summary>Unit of durations.</summary>
    public const string Seconds = "s";

    /// <summary>Labels: the run, the device slot, what a device did, how a match ended, which call.</summary>
    public const string Run = "run", Slot = "slot", Activity = "activity", Outcome = "outcome", Call = "call";

    private static readonly List<MetricSeries> Declared = [];

    /// <summary>Candidates committed.</summary>
    public static readonly MetricSeries Completions = Counter("align.completions", "{completion}", "Candidates committed to the ledger");

    /// <summary>Their tokens.</summary>
    public static readonly MetricSeries TokensGenerated = Counter("align.tokens.generated", "{token}", "Tokens of the candidates committed");

    /// <summary>Verdicts committed.</summary>
    public static readonly MetricSeries Verdicts = Counter("align.verdicts", "{verdict}", "Verdicts committed, by outcome (a, b, tie, invalid)", Outcome);

    /// <summary>Verdicts whose two orders disagree.</summary>
    public static readonly MetricSeries VerdictsFlipped =
        Counter("align.verdicts.flipped", "{verdict}", "Verdicts committed whose two orders named different winners");

    /// <summary>Questions that a judge answered.</summary>
    public static readonly MetricSeries JudgeCalls =
        Counter("align.judge.calls", "{question}", "Pairs and single responses put to a judge, evaluation's included");

    /// <summary>Matches decided.</summary>
    public static readonly MetricSeries Matches =
        Counter("align.matches", "{match}", "Matches of the pair sets committed, those between identical candidates included");

    /// <summary>Prompts played to their end.</summary>
    public static readonly MetricSeries Prompts = Counter("align.prompts", "{prompt}", "Pair sets committed, one per prompt and round");

    /// <summary>Preference pairs.</summary>
    public static readonly MetricSeries Pairs = Counter("align.pairs", "{pair}", "Preference pairs committed");

    /// <summary>Optimizer steps.</summary>
    public static readonly MetricSeries Steps = Counter("align.steps", "{step}", "Optimizer steps committed");

    /// <summary>Tokens trained on.</summary>
    public static readonly MetricSeries TokensTrained =
        Counter("align.tokens.trained", "{token}", "Tokens in the batches of the steps committed, prompts included");

    /// <summary>Calls tried again.</summary>
    public static readonly MetricSeries Retries = Counter("align.retries", "{retry}", "Calls between silos tried again", Call);

    /// <summary>Calls given up.</summary>
    public static readonly MetricSeries Failures = Counter("align.failures", "{failure}", "Calls between silos that failed for good", Call);

    /// <summary>Time in which devices worked.</summary>
    public static readonly MetricSeries DeviceBusy =
        Counter("align.device.busy.seconds", Seconds, "Time a device worked (generate, judge, score, train)", Slot, Activity);

    /// <summary>Duration of a batch of candidates.</summary>
    public static readonly MetricSeries GenerateDuration = Histogram("align.generate.duration", "One batch of responses drawn");

    /// <summary>Duration of a batch of questions.</summary>
    public static readonly MetricSeries JudgeDuration = Histogram("align.judge.duration", "One batch of questions judged");

    /// <summary>Duration of a step.</summary>
    public static readonly MetricSeries TrainDuration = Histogram("align.train.duration", "One optimizer step");

    /// <summary>Duration of a call.</summary>
    public static readonly MetricSeries CallDuration = Histogram("align.call.duration", "One call between silos, retries included", Call);

    /// <summary>The loss.</summary>
    public static readonly MetricSeries Loss = RunGauge("align.loss", null, "Loss of the last step");

    /// <summary>Margin of implicit rewards.</summary>
    public static readonly MetricSeries RewardMargin = RunGauge("align.rewards.margin", null, "Implicit reward of chosen minus rejected, last step");

    /// <summary>Reward of chosen responses.</summary>
    public static readonly MetricSeries RewardChosen = RunGauge("align.rewards.chosen", null, "Implicit reward of chosen responses, last step");

    /// <summary>Reward of rejected responses.</summary>
    public static readonly MetricSeries RewardRejected = RunGauge("align.rewards.rejected", null, "Implicit reward of rejected responses, last step");

    /// <summary>Share of pairs told apart.</summary>
    public static readonly MetricSeries RewardAccuracy =
        RunGauge("align.rewards.accuracy", null, "Share of pairs whose chosen response has the higher implicit reward, last step");

    /// <summary>Share of held-out responses that pass.</summary>
    public static readonly MetricSeries WinRate = RunGauge("align.win.rate", null, "Share of held-out responses that pass their check, last evaluation");

    /// <summary>Length of chosen responses.</summary>
    public static readonly MetricSeries ChosenLength = RunGauge("align.length.chosen", "{token}", "Mean length of chosen responses, last step");

    /// <summary>Length of rejected responses.</summary>
    public static readonly MetricSeries RejectedLength = RunGauge("align.length.rejected", "{token}", "Mean length of rejected responses, last step");

    /// <summary>Gradient norm.</summary>
    public static readonly MetricSeries GradientNorm = RunGauge("align.grad.norm", null, "Gradient norm before clipping, last step");

    /// <summary>Learning rate.</summary>
    public static readonly MetricSeries LearningRate = RunGauge("align.learning.rate", null, "Learning rate of the last step");

    /// <summary>Share of verdicts that flip.</summary>
    public static readonly MetricSeries FlipRate =
        RunGauge("align.judge.flip.rate", null, "Share of verdicts whose two orders named different winners, last round");

    /// <summary>Share of ties.</summary>
    public static readonly MetricSeries TieRate = RunGauge("align.judge.tie.rate", null, "Share of verdicts that are ties, last round");

    /// <summary>Share of invalid verdicts.</summary>
    public static readonly MetricSeries InvalidRate = RunGauge("align.judge.invalid.rate", null, "Share of verdicts that are invalid, last round");

    /// <summary>The round.</summary>
    public static readonly MetricSeries Round = RunGauge("align.round", null, "Round of the stage that is being worked on; 0 in a stage without rounds");

    /// <summary>Work that waits.</summary>
    public static readonly MetricSeries QueueLength = SlotGauge("align.queue.length", "{item}", "Work items that wait for the device");

    /// <summary>Share of time without work.</summary>
    public static readonly MetricSeries IdleRatio =
        SlotGauge("align.device.idle.ratio", null, "Share of the time since the last look in which the device had nothing to do");

    /// <summary>All of them.</summary>
    public static IReadOnlyList<MetricSeries> All => Declared;

    private static MetricSeries Counter(string name, string unit, string meaning, params string[] labels) =>
        Declare(new(name, MetricKind.Counter, unit, labels, meaning));

    private static MetricSeries Histogram(string name, string meaning, params string[] labels) =>
        Declare(new(name, MetricKind.Histogram, Seconds, labels, meaning));

    private static MetricSeries RunGauge(string name, string? unit, string meaning) => Declare(new(name, MetricKind.Gauge, unit, [Run], meaning));

    private static MetricSeries SlotGauge(string name, string? unit, string meaning) => Declare(new(name, MetricKind.Gauge, unit, [Slot], meaning));

    private static MetricSeries Declare(MetricSeries series)
    {
        Declared.Add(series);
        return series;
    }
}

using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Judges;
using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Models.Engines;

namespace OrleansAlign.Grains.Contracts;

/// <summary>Draws with one device slot.</summary>
[Alias("align.generator")]
public interface IGeneratorGrain : IGrainWithStringKey
{
    /// <summary>Draws responses. They are not recorded here: the caller commits them.</summary>
    /// <exception cref="SlotBusyException">The slot's queue is full or the slot is about to stop: call again later, or another slot.</exception>
    [Alias("generate"), ResponseTimeout("00:05:00")]
    Task<IReadOnlyList<GeneratedResponse>> GenerateAsync(EngineKind engine, string policy, IReadOnlyList<GenerationRequest> requests);

    /// <summary>Raw log-probs of given tokens.</summary>
    /// <exception cref="SlotBusyException">As with <see cref="GenerateAsync"/>.</exception>
    [Alias("log-probs"), ResponseTimeout("00:05:00")]
    Task<IReadOnlyList<float[]>> LogProbsAsync(EngineKind engine, string policy, IReadOnlyList<TokenSequence> sequences);
}

/// <summary>Judges with one device slot.</summary>
[Alias("align.judge")]
public interface IJudgeGrain : IGrainWithStringKey
{
    /// <summary>Compares responses.</summary>
    /// <param name="judge">The judge.</param>
    /// <param name="questions">What to judge; verdict i belongs to question i.</param>
    /// <exception cref="SlotBusyException">The slot's queue is full or the slot is about to stop: call again later, or another slot.</exception>
    [Alias("judge"), ResponseTimeout("00:05:00")]
    Task<IReadOnlyList<Verdict>> JudgeAsync(JudgeRef judge, IReadOnlyList<JudgeQuestion> questions);

    /// <summary>Rates responses one by one.</summary>
    /// <param name="judge">The judge.</param>
    /// <param name="responses">What to rate; rating i belongs to response i.</param>
    /// <exception cref="SlotBusyException">As with <see cref="JudgeAsync"/>.</exception>
    [Alias("rate"), ResponseTimeout("00:05:00")]
    Task<IReadOnlyList<Rating>> RateAsync(JudgeRef judge, IReadOnlyList<RatedResponse> responses);
}

/// <summary>
/// Names a judge that a policy makes in calls between grains. Exactly one of <paramref name="Run"/> and <paramref name="Own"/> is given; it determines how the
/// policy is asked.
/// </summary>
/// <param name="Policy">Hash of the policy that judges.</param>
/// <param name="Run">The run whose recipe determines how the policy is asked.</param>
/// <param name="IsRecorded">
/// Whether the run's ledger records the answers: questions whose answers it has are not asked, and new answers are committed before they are returned.
/// </param>
/// <param name="Own">How the policy is asked for a client, outside of any run.</param>
[GenerateSerializer, Immutable, Alias("align.judge-ref")]
public sealed record JudgeRef(
    [property: Id(0)] string Policy, [property: Id(1)] string? Run, [property: Id(2)] bool IsRecorded, [property: Id(3)] OwnJudge? Own);

/// <summary>How a client's own judge is asked, outside of any run.</summary>
/// <param name="Engine">The engine that its policy runs on.</param>
/// <param name="Recipe">YAML whose <c>judge</c> section determines how it is asked; null for the default judge options.</param>
[GenerateSerializer, Immutable, Alias("align.own-judge")]
public sealed record OwnJudge([property: Id(0)] EngineKind Engine, [property: Id(1)] string? Recipe)
{
    /// <summary>Makes the judge.</summary>
    /// <exception cref="RecipeException">The recipe is broken.</exception>
    public JudgeFactory Factory()
    {
        if (Recipe is null) return new JudgeFactory(new JudgeOptions(), runSeed: 0);
        string anyFolder = Path.GetPathRoot(Path.GetFullPath("."))!;
        Recipe recipe = RecipeFile.Parse(Recipe, "recipe", anyFolder, needFiles: false).Recipe;
        return new JudgeFactory(recipe.Judge, runSeed: 0, recipe.ChatTemplate);
    }
}

/// <summary>Trains a run's policy on a silo with devices. All its state is in the ledger: steps, checkpoints, rounds.</summary>
[Alias("align.trainer")]
public interface ITrainerGrain : IGrainWithStringKey
{
    /// <summary>Takes those steps of a stage, or of one of its rounds, that the ledger does not have yet.</summary>
    /// <param name="job">What to train.</param>
    /// <param name="known">Steps that the caller knows of; the reply comes when more are taken, or after <paramref name="wait"/>.</param>
    /// <param name="wait">How long to wait, at most 20 s.</param>
    [Alias("train"), ResponseTimeout("00:01:00")]
    Task<TrainingStatus> TrainAsync(TrainingJob job, long known, TimeSpan wait);

    /// <summary>Ends the work after the current step, with its state saved, and removes the run's gauges.</summary>
    [Alias("stop"), ResponseTimeout("00:01:00")]
    Task StopAsync();
}

/// <summary>The training of one stage, or of one of its rounds.</summary>
/// <param name="Run">The run.</param>
/// <param name="Stage">Stage, from 0.</param>
/// <param name="Round">Round, from 1; 0 in stages without rounds.</param>
/// <param name="Policy">Hash of the policy to begin with.</param>
[GenerateSerializer, Immutable, Alias("align.training-job")]
public sealed record TrainingJob([property: Id(0)] string Run, [property: Id(1)] int Stage, [property: Id(2)] int Round, [property: Id(3)] string Policy);

/// <summary>The progress of a trainer.</summary>
/// <param name="Done">Steps taken.</param>
/// <param name="Total">Steps in all; 0 while the number is not known.</param>
/// <param name="Figure">A figure to show with the progress, such as the loss.</param>
/// <param name="Policy">Hash of the trained policy, once it is published.</param>
/// <param name="Problem">Why training failed; null unless it did.</param>
[GenerateSerializer, Immutable, Alias("align.training-status")]
public sealed record TrainingStatus(
    [property: Id(0)] long Done, [property: Id(1)] long Total, [property: Id(2)] string? Figure,
    [property: Id(3)] string? Policy, [property: Id(4)] string? Problem);

/// <summary>Tells a run's trainer that pairs were committed. The event only wakes the trainer, which reads the pairs and their order from the ledger.</summary>
/// <param name="Stage">Stage, from 0.</param>
/// <param name="Round">Round, from 1.</param>
/// <param name="Index">Place of the prompt in its round.</param>
/// <param name="Pairs">Number of its pairs.</param>
[GenerateSerializer, Immutable, Alias("align.winners")]
public sealed record Winners([property: Id(0)] int Stage, [property: Id(1)] int Round, [property: Id(2)] int Index, [property: Id(3)] int Pairs)
{
    /// <summary>Namespace of the streams, one per run.</summary>
    public const string StreamNamespace = "winners";

    /// <summary>Name of the stream provider.</summary>
    public const string StreamProvider = "winners";
}

/// <summary>Lists the device slots of the cluster.</summary>
[Alias("align.devices")]
public interface IDevicesGrain : IGrainWithStringKey
{
    /// <summary>Announces slots for the length of <see cref="DeviceSlot.Lease"/>; the silo announces them again before that ends.</summary>
    [Alias("announce")]
    Task AnnounceAsync(IReadOnlyList<DeviceSlot> slots);

    /// <summary>Withdraws the slots of a silo that stops.</summary>
    [Alias("withdraw")]
    Task WithdrawAsync(string silo);

    /// <summary>The slots whose lease has not ended, in the order of their keys.</summary>
    [Alias("slots")]
    Task<IReadOnlyList<DeviceSlot>> SlotsAsync();
}

/// <summary>A device slot.</summary>
/// <param name="Key">Key of its grains.</param>
/// <param name="Silo">Name of its silo.</param>
/// <param name="Device">What it computes on: <c>cpu</c> or <c>cuda:N</c>.</param>
/// <param name="Engines">The engines that work on the device.</param>
[GenerateSerializer, Immutable, Alias("align.device-slot")]
public sealed record DeviceSlot(
    [property: Id(0)] string Key, [property: Id(1)] string Silo, [property: Id(2)] string Device, [property: Id(3)] IReadOnlyList<EngineKind> Engines)
{
    /// <summary>How long an announcement lasts.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(15);
}

/// <summary>A slot's queue is full, or the slot is about to stop; the same call may be made again later.</summary>
[GenerateSerializer, Alias("align.slot-busy")]
public sealed class SlotBusyException(string message) : Exception(message);

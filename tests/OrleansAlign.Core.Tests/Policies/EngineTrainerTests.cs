using OrleansAlign.Core.Policies;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Losses;

namespace OrleansAlign.Core.Tests.Policies;

public sealed class EngineTrainerTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly TinyPolicy store = new();

    public void Dispose() => store.Dispose();

    private string States => Path.Combine(store.Root, "states");

    [Fact]
    public async Task Going_on_from_a_state_is_going_on()
    {
        string policy = store.Make();
        using EngineTrainer whole = Trainer(), before = Trainer(), after = Trainer();
        await whole.OpenAsync(policy, None);
        for (int step = 1; step <= 5; step++) await StepAsync(whole, step);

        await before.OpenAsync(policy, None);
        for (int step = 1; step <= 2; step++) await StepAsync(before, step);
        string file = await before.SaveStateAsync("two", None);
        await after.OpenStateAsync(policy, file, None);
        for (int step = 3; step <= 5; step++) await StepAsync(after, step);

        string expected = await whole.PublishAsync(None);
        Assert.NotEqual(policy, expected);
        Assert.Equal(expected, await after.PublishAsync(None));
    }

    [Fact]
    public async Task The_latest_two_states_are_kept()
    {
        using EngineTrainer trainer = Trainer();
        await trainer.OpenAsync(store.Make(), None);

        foreach (string name in new[] { "a", "b", "c", "d" }) await trainer.SaveStateAsync(name, None);

        Assert.Equal(["c.safetensors", "d.safetensors"], Files());
    }

    [Fact]
    public async Task The_state_that_a_resumed_trainer_was_opened_with_outlives_the_next_one()
    {
        string policy = store.Make();
        using EngineTrainer killed = Trainer(), resumed = Trainer();
        await killed.OpenAsync(policy, None);
        await killed.SaveStateAsync("a", None);
        await killed.SaveStateAsync("b", None);
        File.WriteAllText(Path.Combine(States, "c.safetensors.0.partial"), "half");

        // The ledger has only "a": the process was killed before "b" was recorded.
        await resumed.OpenStateAsync(policy, "a.safetensors", None);
        await resumed.SaveStateAsync("c", None);

        Assert.Equal(["a.safetensors", "c.safetensors"], Files());
    }

    [Theory]
    [InlineData(null)]
    [InlineData(100)]
    public async Task A_state_that_is_missing_or_cut_off_is_refused(int? length)
    {
        string policy = store.Make();
        using EngineTrainer trainer = Trainer();
        await trainer.OpenAsync(policy, None);
        string path = Path.Combine(States, await trainer.SaveStateAsync("a", None));
        if (length is { } bytes) File.WriteAllBytes(path, File.ReadAllBytes(path)[..bytes]);
        else File.Delete(path);

        InvalidDataException error = await Assert.ThrowsAsync<InvalidDataException>(() => trainer.OpenStateAsync(policy, "a.safetensors", None));

        Assert.Contains("a.safetensors", error.Message, StringComparison.Ordinal);
    }

    private EngineTrainer Trainer() => new(store, States, EngineCatalog.Managed, EngineChoice.Managed(1));

    private string[] Files() => [.. Directory.GetFiles(States).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];

    private static Task<StepReport> StepAsync(EngineTrainer trainer, int step) => trainer.StepAsync(
        new TrainingBatch([new TokenSequence([1, 2 + step, 3, 4], 1), new TokenSequence([5, 6, 7 + step], 2)]),
        new SupervisedLoss(), new StepOptions { LearningRate = 1e-2, WeightDecay = 0.1 }, None);
}

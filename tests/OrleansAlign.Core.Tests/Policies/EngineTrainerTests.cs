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

        Assert.Equal(["c", "d"], Names());
    }

    [Fact]
    public async Task The_state_that_a_resumed_trainer_was_opened_with_outlives_the_next_one()
    {
        string policy = store.Make();
        using EngineTrainer killed = Trainer(), resumed = Trainer();
        await killed.OpenAsync(policy, None);
        string recorded = await killed.SaveStateAsync("a", None);
        await killed.SaveStateAsync("b", None);
        File.WriteAllText(Path.Combine(States, "c.safetensors.0.partial"), "half");

        // The ledger has only "a": the process was killed before "b" was recorded.
        await resumed.OpenStateAsync(policy, recorded, None);
        await resumed.SaveStateAsync("c", None);

        Assert.Equal(["a", "c"], Names());
    }

    [Fact]
    public async Task A_state_that_is_missing_is_refused_as_missing()
    {
        string policy = store.Make();
        using EngineTrainer trainer = Trainer();
        await trainer.OpenAsync(policy, None);
        string file = await trainer.SaveStateAsync("a", None);
        File.Delete(Path.Combine(States, file));

        FileNotFoundException error = await Assert.ThrowsAsync<FileNotFoundException>(() => trainer.OpenStateAsync(policy, file, None));

        Assert.Contains(file, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    [InlineData(1500)]
    [InlineData(-1)]
    public async Task A_state_with_a_flipped_bit_anywhere_is_refused(int at)
    {
        (string policy, string file, string path) = await SavedAsync();
        byte[] bytes = File.ReadAllBytes(path);
        bytes[at < 0 ? ^1 : at] ^= 1;
        File.WriteAllBytes(path, bytes);

        await IsDamagedAsync(policy, file);
    }

    [Fact]
    public async Task A_state_that_is_cut_off_is_refused()
    {
        (string policy, string file, string path) = await SavedAsync();
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..100]);

        await IsDamagedAsync(policy, file);
    }

    [Fact]
    public async Task A_state_without_a_hash_in_its_name_is_read_as_older_programs_wrote_it()
    {
        (string policy, _, string path) = await SavedAsync();
        File.Copy(path, Path.Combine(States, "stage-0-round-0-step-7.safetensors"));
        using EngineTrainer trainer = Trainer();

        await trainer.OpenStateAsync(policy, "stage-0-round-0-step-7.safetensors", None);
        await StepAsync(trainer, 1);

        Assert.NotEqual(policy, await trainer.PublishAsync(None));
    }

    private async Task<(string Policy, string File, string Path)> SavedAsync()
    {
        string policy = store.Make();
        using EngineTrainer trainer = Trainer();
        await trainer.OpenAsync(policy, None);
        string file = await trainer.SaveStateAsync("a", None);
        return (policy, file, Path.Combine(States, file));
    }

    private async Task IsDamagedAsync(string policy, string file)
    {
        using EngineTrainer trainer = Trainer();
        InvalidDataException error = await Assert.ThrowsAsync<InvalidDataException>(() => trainer.OpenStateAsync(policy, file, None));
        Assert.Contains(file, error.Message, StringComparison.Ordinal);
        Assert.Contains("put the old file back, or delete it", error.Message, StringComparison.Ordinal);
    }

    private EngineTrainer Trainer() => new(store, States, EngineCatalog.Managed, EngineChoice.Managed(1));

    /// <summary>The files there are, without the hashes in their names.</summary>
    private string[] Names() => [.. Directory.GetFiles(States).Select(f => Path.GetFileName(f).Split('-')[0]).Order(StringComparer.Ordinal)];

    private static Task<StepReport> StepAsync(EngineTrainer trainer, int step) => trainer.StepAsync(
        new TrainingBatch([new TokenSequence([1, 2 + step, 3, 4], 1), new TokenSequence([5, 6, 7 + step], 2)]),
        new SupervisedLoss(), new StepOptions { LearningRate = 1e-2, WeightDecay = 0.1 }, None);
}

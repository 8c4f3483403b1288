using OrleansAlign.Core.Policies;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Grains.Contracts.Remote;
using OrleansAlign.Tests;

namespace OrleansAlign.Grains.Tests.Remote;

public sealed class SlotTests
{
    private static readonly string[] Keys = [.. Enumerable.Range(0, 4000).Select(i => $"content {i}")];

    private readonly HurriedTime time = new();
    private readonly List<DeviceSlot> announced = [.. Slots(2)];
    private int asked;
    private bool isGone;

    private SlotDirectory Directory => new(
        FakeGrains.Of((type, key) => (type, key) == (typeof(IDevicesGrain), "devices") ? new Devices(this) : throw new InvalidOperationException(key)), time);

    [Fact]
    public void A_slot_that_goes_moves_only_what_was_its_own()
    {
        DeviceSlot[] slots = Slots(5);
        DeviceSlot[] rest = [.. slots.Where(s => s.Key != "slot/silo2/0")];

        foreach (string key in Keys)
        {
            IReadOnlyList<DeviceSlot> before = SlotChoice.Rank(key, EngineKind.Managed, slots), after = SlotChoice.Rank(key, EngineKind.Managed, rest);
            Assert.Equal(before.Where(s => s.Key != "slot/silo2/0"), after);
        }
    }

    [Fact]
    public void Keys_spread_evenly_over_first_and_second_choices()
    {
        DeviceSlot[] slots = Slots(5);

        // A fifth each, within five standard deviations of a binomial: 5 · √(4000 · 1/5 · 4/5) ≈ 126.
        foreach (int place in new[] { 0, 1 })
        {
            IEnumerable<KeyValuePair<string, int>> counts = Keys.CountBy(key => SlotChoice.Rank(key, EngineKind.Managed, slots)[place].Key);
            Assert.All(counts, count => Assert.InRange(count.Value, 800 - 126, 800 + 126));
        }
    }

    [Fact]
    public void The_order_of_announcement_does_not_matter_and_engines_do()
    {
        DeviceSlot gpu = new("slot/gpu/0", "gpu", "cuda:0", [EngineKind.Managed, EngineKind.Torchsharp]);
        DeviceSlot[] slots = [.. Slots(3), gpu];

        Assert.Equal(SlotChoice.Rank("key", EngineKind.Managed, slots), SlotChoice.Rank("key", EngineKind.Managed, slots.Reverse()));
        Assert.Equal(4, SlotChoice.Rank("key", EngineKind.Managed, slots).Count);
        Assert.Equal([gpu], SlotChoice.Rank("key", EngineKind.Torchsharp, slots));
    }

    [Fact]
    public async Task The_directory_asks_every_two_seconds_at_most()
    {
        SlotDirectory directory = Directory;

        for (int i = 0; i < 10; i++) await directory.SlotsAsync();
        Assert.Equal(1, asked);
        time.Advance(TimeSpan.FromSeconds(2));
        await directory.SlotsAsync();
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task A_failed_question_is_asked_again_at_once()
    {
        SlotDirectory directory = Directory;
        isGone = true;
        await Assert.ThrowsAsync<SiloUnavailableException>(directory.SlotsAsync);
        isGone = false;

        Assert.Equal(2, (await directory.SlotsAsync()).Count);
    }

    [Fact]
    public async Task After_a_failed_attempt_comes_the_next_choice()
    {
        SlotDirectory directory = Directory;

        DeviceSlot first = await directory.ChooseAsync("key", EngineKind.Managed), second = await directory.ChooseAsync("key", EngineKind.Managed, 1);

        Assert.NotEqual(first.Key, second.Key);
        Assert.Equal(first, await directory.ChooseAsync("key", EngineKind.Managed, 2));
    }

    [Fact]
    public async Task Without_a_fitting_slot_the_error_says_what_to_start()
    {
        SlotBusyException none = await Assert.ThrowsAsync<SlotBusyException>(() => Directory.ChooseAsync("key", EngineKind.Torchsharp));
        Assert.Contains("none of the 2 device slots has engine torchsharp", none.Message, StringComparison.Ordinal);

        announced.Clear();
        none = await Assert.ThrowsAsync<SlotBusyException>(() => Directory.ChooseAsync("key", EngineKind.Managed));
        Assert.Contains("no silo offers a device slot", none.Message, StringComparison.Ordinal);
    }

    internal static DeviceSlot[] Slots(int count) =>
        [.. Enumerable.Range(0, count).Select(i => new DeviceSlot($"slot/silo{i}/0", $"silo{i}", "cpu", [EngineKind.Managed]))];

    private sealed class Devices(SlotTests world) : IDevicesGrain
    {
        public Task<IReadOnlyList<DeviceSlot>> SlotsAsync()
        {
            world.asked++;
            return world.isGone
                ? Task.FromException<IReadOnlyList<DeviceSlot>>(new SiloUnavailableException("gone"))
                : Task.FromResult<IReadOnlyList<DeviceSlot>>([.. world.announced]);
        }

        public Task AnnounceAsync(IReadOnlyList<DeviceSlot> slots) => throw new NotSupportedException();

        public Task WithdrawAsync(string silo) => throw new NotSupportedException();
    }
}

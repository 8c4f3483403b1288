
namespace OrleansAlign.Devices.Tests;

public sealed class WorkQueueTests
{
    private const long Window = 10;

    private readonly WorkQueue queue = new(new DeviceOptions { QueueCapacity = 4, MaxSequences = 8, MaxTokens = 100 }, Window);

    [Fact]
    public void Alone_an_item_waits_for_the_window()
    {
        Item item = Add("a", now: 3);

        Assert.Null(Take(now: 12));
        Assert.Equal(13, queue.Due);
        Assert.Equal([item], Take(now: 13));
        Assert.Equal((0, null), (queue.Count, queue.Due));
    }

    [Theory]
    [InlineData(4, 1)]
    [InlineData(1, 50)]
    public void Enough_work_of_one_kind_is_due_at_once(int sequences, int tokens)
    {
        Item first = Add("a", 0, sequences, tokens), other = Add("b", 0);
        Assert.Null(Take(now: 1));
        Item second = Add("a", 1, sequences, tokens);

        Assert.Equal([first, second], Take(now: 1));
        Assert.Null(Take(now: 1));
        Assert.Equal([other], Take(now: Window));
    }

    [Fact]
    public void A_batch_takes_as_much_as_fits_in_the_order_of_arrival()
    {
        Item first = Add("a", 0, sequences: 5), tooMuch = Add("a", 0, sequences: 4), small = Add("a", 0, sequences: 1);

        Assert.Equal([first], Take(now: 0));
        Assert.Equal([tooMuch, small], Take(now: Window));
    }

    [Fact]
    public void An_item_larger_than_a_batch_goes_alone()
    {
        Item large = Add("a", 0, sequences: 50), small = Add("a", 0);

        Assert.Equal([large], Take(now: 0));
        Assert.Equal([small], Take(now: Window));
    }

    [Fact]
    public void Of_what_is_due_the_eldest_goes_first_however_much_of_another_kind_there_is()
    {
        Item old = Add("rare", 0), busy = Add("busy", 1, sequences: 8);

        Assert.Equal([busy], Take(now: 5));
        busy = Add("busy", 6, sequences: 8);
        Assert.Equal([old], Take(now: Window));
        Assert.Equal([busy], Take(now: Window));
    }

    [Fact]
    public void The_two_lanes_take_turns_while_both_have_work()
    {
        Item[] steps = [.. Enumerable.Range(0, 4).Select(_ => Add(null, 0))], batches = [.. "abc".Select(key => Add(key.ToString(), 0))];

        Item[] order = [.. Enumerable.Range(0, 7).Select(_ => Take(now: Window)!.Single())];

        Assert.Equal([steps[0], batches[0], steps[1], batches[1], steps[2], batches[2], steps[3]], order);
    }

    [Fact]
    public void Work_that_waits_for_its_like_does_not_hold_up_a_step()
    {
        Item item = Add("a", 0), first = Add(null, 0), second = Add(null, 0);

        Assert.Equal([first], Take(now: 0));
        Assert.Equal([second], Take(now: 0));
        Assert.Equal([item], Take(now: Window));
    }

    [Fact]
    public void Each_lane_has_room_of_its_own()
    {
        for (int i = 0; i < 4; i++) Add("a", 0);
        Assert.False(queue.TryAdd(new Item("b"), 0));
        for (int i = 0; i < 4; i++) Add(null, 0);
        Assert.False(queue.TryAdd(new Item(null), 0));

        Take(now: Window);
        Take(now: Window);

        Add("b", Window);
        Add(null, Window);
    }

    [Fact]
    public void A_removed_item_is_not_taken_and_leaves_its_room()
    {
        Item gone = Add("a", 0, sequences: 4), alone = Add("b", 0), kept = Add("a", 2, sequences: 4);

        queue.Remove(gone);
        queue.Remove(alone);
        queue.Remove(alone);

        Assert.Null(Take(now: 5));
        Assert.Equal((1, 12), (queue.Count, queue.Due));
        Assert.Equal([kept], Take(now: 12));
    }

    [Fact]
    public void Nothing_waits_for_its_like_when_no_more_will_come()
    {
        Item item = Add("a", 0);

        Assert.Equal([item], queue.Take(0, hurry: true)!.Items);
    }

    private Item Add(string? key, long now, int sequences = 1, int tokens = 1)
    {
        var item = new Item(key) { Size = new WorkSize(sequences, tokens) };
        Assert.True(queue.TryAdd(item, now));
        return item;
    }

    private IEnumerable<Item>? Take(long now) => queue.Take(now, hurry: false)?.Items.Cast<Item>();

    private sealed class Item : WorkItem
    {
        public Item(string? key)
            : base(DeviceActivity.Generate, CancellationToken.None) => Key = key;

        public override bool IsOver => false;

        public override void Run(IReadOnlyList<WorkItem> items, DevicePolicies policies, CancellationToken stop) =>
            throw new InvalidOperationException("only the worker runs items");

        public override void Fail(Exception error) => throw error;

        public override void Cancel() => throw new InvalidOperationException("only the worker cancels items");
    }
}

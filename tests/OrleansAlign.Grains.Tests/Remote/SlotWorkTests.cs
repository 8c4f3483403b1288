using System.Collections.Concurrent;
using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Judges;
using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ports;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Grains.Contracts.Remote;
using OrleansAlign.Models.Chat;
using OrleansAlign.Models.Engines;
using OrleansAlign.Tests;

namespace OrleansAlign.Grains.Tests.Remote;

/// <summary>The ports over device slots: how lists are spread, put together again, and sent elsewhere.</summary>
public sealed class SlotWorkTests
{
    private const int Requests = 1000, Candidates = 4;

    private readonly HurriedTime time = new();
    private readonly ConcurrentQueue<(string Slot, string[] Said)> made = new();
    private readonly ConcurrentDictionary<string, bool> gone = new();
    private readonly IGrainFactory grains;
    private readonly TaskCompletionSource many = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int inFlight, mostInFlight, enough;

    public SlotWorkTests() => grains = FakeGrains.Of((type, key) => type == typeof(IDevicesGrain) ? new Devices() : new Slot(this, key));

    private SlotDirectory Directory => new(grains, time);

    private RemoteCalls Calls => new(time, "test");

    [Fact]
    public async Task Responses_come_back_in_the_order_of_their_requests()
    {
        enough = 16;
        GenerationRequest[] requests = [.. Enumerable.Range(0, Requests).Select(i => Request(i, $"prompt {i / Candidates}"))];
        var generator = new GrainGenerator(grains, Directory, Calls, EngineKind.Managed);

        IReadOnlyList<GeneratedResponse> drawn = await generator.GenerateAsync("policy", requests, CancellationToken.None);

        Assert.Equal(requests.Select(r => $"policy: {r.Messages[0].Content} {r.Seed}"), drawn.Select(d => d.Text));
        Assert.All(made, call => Assert.InRange(call.Said.Length, 1, 64));
        Assert.Equal(3, made.Select(call => call.Slot).Distinct().Count());
        IEnumerable<(string Slot, string Prompt)> asked = made.SelectMany(call => call.Said.Select(text => (call.Slot, text[..text.LastIndexOf(' ')])));
        Assert.All(asked.Distinct().CountBy(a => a.Prompt), slots => Assert.Equal(1, slots.Value));
        Assert.True(made.Count > 16);
        Assert.Equal(16, mostInFlight);
    }

    [Fact]
    public async Task Verdicts_come_from_the_next_slot_where_one_is_gone()
    {
        gone["slot/silo1/0"] = true;
        JudgeQuestion[] questions = [.. Enumerable.Range(0, 200).Select(i => new JudgeQuestion([new ChatMessage("user", $"{i}")], "a", "b"))];
        var judge = Judge();

        IReadOnlyList<Verdict> verdicts = await judge.JudgeAsync(questions, CancellationToken.None);

        Assert.Equal(Enumerable.Range(0, 200), verdicts.Select(v => (int)v.A));
        Assert.DoesNotContain("slot/silo1/0", made.Select(call => call.Slot));
    }

    [Fact]
    public async Task Ratings_and_scores_come_back_in_order()
    {
        RatedResponse[] responses = [.. Enumerable.Range(0, 100).Select(i => new RatedResponse([new ChatMessage("user", $"{i}")], "r"))];
        TokenSequence[] sequences = [.. Enumerable.Range(0, 100).Select(i => new TokenSequence([i / 2, i], 1))];

        IReadOnlyList<Rating> ratings = await Judge().RateAsync(responses, CancellationToken.None);
        var scorer = new GrainScorer(grains, Directory, Calls, EngineKind.Managed);
        IReadOnlyList<float[]> scores = await scorer.LogProbsAsync("policy", sequences, CancellationToken.None);

        Assert.Equal(Enumerable.Range(0, 100).Select(i => Rating.Of(i)), ratings);
        Assert.Equal(Enumerable.Range(0, 100).Select(i => (float)i), scores.Select(s => s[0]));
    }

    [Fact]
    public async Task A_refusal_ends_the_whole_list()
    {
        GenerationRequest[] requests = [.. Enumerable.Range(0, Requests).Select(i => Request(i, $"{i}"))];

        InvalidDataException error = await Assert.ThrowsAsync<InvalidDataException>(() =>
            new GrainGenerator(grains, Directory, Calls, EngineKind.Managed).GenerateAsync("missing", requests, CancellationToken.None));

        Assert.Equal("there is no policy missing", error.Message);
        Assert.Empty(await new GrainGenerator(grains, Directory, Calls, EngineKind.Managed).GenerateAsync("missing", [], CancellationToken.None));
    }

    [Fact]
    public void A_clients_own_judge_is_asked_as_its_recipe_says()
    {
        const string Recipe = "model: { path: nowhere }\njudge: { kind: pointwise, judgements: 2 }\nstages:\n  - sft: { demonstrations: nowhere.jsonl }\n";

        Assert.Equal(new JudgeFactory(new JudgeOptions(), 0).IdOf("policy"), new OwnJudge(EngineKind.Managed, null).Factory().IdOf("policy"));
        Assert.Equal(
            new JudgeFactory(new JudgeOptions { Kind = JudgeKind.Pointwise, Judgements = 2 }, 0).IdOf("policy"),
            new OwnJudge(EngineKind.Managed, Recipe).Factory().IdOf("policy"));
    }

    private GrainJudge Judge() => new(grains, Directory, Calls, new JudgeRef("policy", "run", IsRecorded: true, Own: null), EngineKind.Managed, "id");

    private static GenerationRequest Request(int i, string prompt) => new([new ChatMessage("user", prompt)], (ulong)i, new SamplingOptions());

    private async Task<IReadOnlyList<TResult>> WorkAsync<TItem, TResult>(
        string slot, IReadOnlyList<TItem> items, Func<TItem, string> said, Func<TItem, TResult> result)
    {
        // No call is answered before as many calls are under way as are allowed at the same time.
        int now = Interlocked.Increment(ref inFlight);
        lock (made) mostInFlight = Math.Max(mostInFlight, now);
        if (now >= enough) many.TrySetResult();
        await many.Task;
        Interlocked.Decrement(ref inFlight);
        if (gone.ContainsKey(slot)) throw new SiloUnavailableException($"{slot} is gone");
        made.Enqueue((slot, [.. items.Select(said)]));
        return [.. items.Select(result)];
    }

    private sealed class Devices : IDevicesGrain
    {
        public Task<IReadOnlyList<DeviceSlot>> SlotsAsync() => Task.FromResult<IReadOnlyList<DeviceSlot>>(SlotTests.Slots(3));

        public Task AnnounceAsync(IReadOnlyList<DeviceSlot> slots) => throw new NotSupportedException();

        public Task WithdrawAsync(string silo) => throw new NotSupportedException();
    }

    private sealed class Slot(SlotWorkTests world, string key) : IGeneratorGrain, IJudgeGrain
    {
        public Task<IReadOnlyList<GeneratedResponse>> GenerateAsync(EngineKind engine, string policy, IReadOnlyList<GenerationRequest> requests)
        {
            return policy == "missing"
                ? Task.FromException<IReadOnlyList<GeneratedResponse>>(new InvalidDataException("there is no policy missing"))
                : world.WorkAsync(key, requests, Said, r => new GeneratedResponse([], [], [], FinishReason.Stop, $"{policy}: {Said(r)}"));

            static string Said(GenerationRequest request) => $"{request.Messages[0].Content} {request.Seed}";
        }

        public Task<IReadOnlyList<float[]>> LogProbsAsync(EngineKind engine, string policy, IReadOnlyList<TokenSequence> sequences) =>
            world.WorkAsync(key, sequences, s => $"{s.Tokens[0]}", s => new float[] { s.Tokens[1] });

        public Task<IReadOnlyList<Verdict>> JudgeAsync(JudgeRef judge, IReadOnlyList<JudgeQuestion> questions) =>
            world.WorkAsync(key, questions, q => q.Messages[0].Content, q => new Verdict(Outcome.A, double.Parse(q.Messages[0].Content), 0, 1, []));

        public Task<IReadOnlyList<Rating>> RateAsync(JudgeRef judge, IReadOnlyList<RatedResponse> responses) =>
            world.WorkAsync(key, responses, r => r.Messages[0].Content, r => Rating.Of(double.Parse(r.Messages[0].Content)));
    }
}

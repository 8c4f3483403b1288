using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Streams;
using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Stages;
using OrleansAlign.Core.Tournaments;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Grains.Runs;

namespace OrleansAlign.Grains.Play;

/// <summary>Plays a prompt's bracket: whatever can be judged is judged at once, and the end is one pair set. All it knows, the ledger knows.</summary>
[Reentrant]
internal sealed class BracketGrain(RunContexts runs, RemotePorts ports, ILogger<BracketGrain> log) : Grain, IBracketGrain
{
    private readonly LongWork work = new();
    private readonly SortedDictionary<int, CompletionRow> candidates = [];
    private readonly HashSet<VerdictKey> inFlight = [];
    private TaskCompletionSource news = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private PromptTournament? tournament;
    private Exception? trouble;

    private int Index => int.Parse(this.GetPrimaryKeyString().AsSpan(this.GetPrimaryKeyString().LastIndexOf('.') + 1));

    /// <inheritdoc/>
    public async Task EnterAsync(RoundRef round, IReadOnlyList<CompletionRow> entering)
    {
        RunContext run = await runs.GetAsync(round.Run);
        RoundPlan plan = await run.PlanAsync(round);
        if (!plan.Options.PairsScores) tournament ??= plan.Tournament(Index, ports.Judge(run.Judge(plan.Policies.Judge), run.Row.RunId).Id);
        CompletionRow[] added = [.. entering.Where(row => candidates.TryAdd(row.Candidate, row))];
        if (added.Length == 0 || tournament is null) return;
        tournament.Enter(added.Select(c => (c.Candidate, c.Text)));
        Ask(run, plan);
        Tell();
    }

    /// <inheritdoc/>
    public async Task<bool> DecideAsync(RoundRef round, TimeSpan wait)
    {
        RunContext run = await runs.GetAsync(round.Run);
        RoundPlan plan = await run.PlanAsync(round);

        // One that lacks candidates was lost with its silo: it has decided before, or is to be told again who there is.
        bool done = candidates.Count < plan.Options.Candidates
            ? (await run.Ledger.PairSetsAsync(round.Stage, round.Round, Index, Index + 1)).Count > 0
            : await work.ForAsync(() => DecideAsync(run, plan), wait);
        if (done) DeactivateOnIdle();
        return done;
    }

    private async Task DecideAsync(RunContext run, RoundPlan plan)
    {
        ContestResult result;
        if (tournament is null)
        {
            var contest = new ScoreContest(ports.Rater(run.Judge(plan.Policies.Judge)), run.Ledger, plan.Options.Pairing);
            result = (await contest.DecideAsync([plan.Contest(Index, [.. candidates.Values])], CancellationToken.None))[0];
        }
        else
        {
            Ask(run, plan);
            while (!tournament.IsComplete) await NewsAsync();
            result = tournament.Result(plan.Options.Pairing);
        }

        await CommitAsync(run, plan, result);
    }

    /// <summary>Puts to the judge whatever can be judged and is not being judged.</summary>
    private void Ask(RunContext run, RoundPlan plan)
    {
        Dictionary<VerdictKey, JudgeQuestion> questions = tournament!.Pending().Where(q => !inFlight.Contains(q.Key)).ToDictionary();
        if (questions.Count == 0) return;
        inFlight.UnionWith(questions.Keys);
        _ = JudgeAsync(run, plan, questions);
    }

    private async Task JudgeAsync(RunContext run, RoundPlan plan, Dictionary<VerdictKey, JudgeQuestion> questions)
    {
        try
        {
            VerdictKey[] keys = [.. questions.Keys];
            IReadOnlyList<Verdict> verdicts = await ports.Judge(run.Judge(plan.Policies.Judge), run.Row.RunId).JudgeAsync([.. questions.Values], CancellationToken.None);
            inFlight.ExceptWith(keys);
            tournament!.Advance(keys.Zip(verdicts).ToDictionary(p => p.First, p => p.Second));
            Ask(run, plan);
        }
#pragma warning disable CA1031 // Whoever waits for the bracket hears of it, whatever it is, and asks again.
        catch (Exception error)
#pragma warning restore CA1031
        {
            inFlight.ExceptWith(questions.Keys);
            trouble = error;
        }

        Tell();
    }

    /// <summary>Commits the prompt's one pair set and wakes the trainer.</summary>
    private async Task CommitAsync(RunContext run, RoundPlan plan, ContestResult result)
    {
        CompletionRow[] drawn = [.. candidates.Values];
        int[] promptTokens = run.Encoder.Prompt(plan.PromptAt(Index).Messages);
        IReadOnlyDictionary<(int Contest, int Candidate), double> scores = await ReferenceScores.OfAsync(
            plan.Policies.Reference, [(promptTokens, drawn, result)], ports.Scorer(run.Engine), CancellationToken.None);
        PairSetRow set = plan.PairSet(Index, result, promptTokens, candidate => scores[(0, candidate)]);
        await run.Ledger.AddPairSetsAsync([set]);
        if (set.Pairs.Count == 0) return;
        try
        {
            IAsyncStream<Winners> stream = this.GetStreamProvider(Winners.StreamProvider).GetStream<Winners>(Winners.StreamNamespace, GrainKeys.Trainer(run.Row.RunId));
            await stream.OnNextAsync(new Winners(plan.Stage, plan.Round, Index, set.Pairs.Count));
        }
#pragma warning disable CA1031 // The stream only wakes; the trainer finds the pairs in the ledger all the same.
        catch (Exception error)
#pragma warning restore CA1031
        {
            log.Trouble(this.GetPrimaryKeyString(), error.Message);
        }
    }

    private void Tell()
    {
        TaskCompletionSource told = news;
        news = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        told.TrySetResult();
    }

    private async Task NewsAsync()
    {
        if (trouble is null) await news.Task;
        if (trouble is not { } error) return;
        trouble = null;
        ExceptionDispatchInfo.Throw(error);
    }
}

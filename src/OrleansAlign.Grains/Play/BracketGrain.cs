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

/// <summary>
/// Decides a prompt's tournament: a match is judged as soon as both its candidates have arrived; the result is one pair set. All its state can be rebuilt from
/// the ledger.
/// </summary>
[Reentrant]
internal sealed class BracketGrain(RunContexts runs, RemotePorts ports, ILogger<BracketGrain> log) : Grain, IBracketGrain
{
    private readonly LongWork work = new();
    private readonly SortedDictionary<int, CompletionRow> candidates = [];
    private readonly HashSet<VerdictKey> inFlight = [];
    private TaskCompletionSource news = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private PromptTournament? tournament;
    private Exception? trouble;

    private int Index => GrainKeys.IndexOf(this.GetPrimaryKeyString());

    /// <inheritdoc/>
    public async Task EnterAsync(RoundRef round, IReadOnlyList<CompletionRow> entering)
    {
        RunContext run = await runs.GetAsync(round.Run);
        RoundPlan plan = await run.PlanAsync(round);
        tournament ??= plan.Bracket(Index, run.Setup.Judges.IdOf(plan.Policies.Judge));
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

        // A bracket grain without all its candidates lost its state with its silo. Either its pair set is in the ledger, or the prompt grain enters the
        // candidates again.
        bool done = candidates.Count < plan.Candidates
            ? (await run.Ledger.PairSetsAsync(round.Stage, round.Round, Index, Index + 1)).Count > 0
            : await work.ForAsync(() => DecideAsync(run, plan), wait);
        if (done) DeactivateOnIdle();
        return done;
    }

    private async Task DecideAsync(RunContext run, RoundPlan plan)
    {
        CompletionRow[] all = [.. candidates.Values];
        TournamentResult result;
        if (tournament is null)
        {
            IJudge? judge = plan.Decision.AsksJudge ? ports.Judge(run, plan.Policies.Judge) : null;
            result = (await Tournament.DecideAsync(plan.Decision, [plan.Tournament(Index, all)], judge, CancellationToken.None))[0];
        }
        else
        {
            Ask(run, plan);
            while (!tournament.IsComplete) await NewsAsync();
            result = tournament.Result(((Decision.ByBracket)plan.Decision).Pairing);
        }

        int pairs = await Settlement.CommitAsync(plan, [new DecidedPrompt(Index, all, result)], ports.Scorer(run.Engine), run.Ledger, CancellationToken.None);
        if (pairs > 0) await WakeTrainerAsync(plan, run.Setup.Row.RunId, pairs);
    }

    /// <summary>Asks the judge about every match that can be played and is not being judged.</summary>
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
            IReadOnlyList<Verdict> verdicts = await ports.Judge(run, plan.Policies.Judge).JudgeAsync([.. questions.Values], CancellationToken.None);
            inFlight.ExceptWith(keys);
            tournament!.Advance(keys.Zip(verdicts).ToDictionary(p => p.First, p => p.Second));
            Ask(run, plan);
        }
#pragma warning disable CA1031 // The caller of DecideAsync gets the exception, whatever it is, and calls again.
        catch (Exception error)
#pragma warning restore CA1031
        {
            inFlight.ExceptWith(questions.Keys);
            trouble = error;
        }

        Tell();
    }

    private async Task WakeTrainerAsync(RoundPlan plan, string run, int pairs)
    {
        try
        {
            IAsyncStream<Winners> stream = this.GetStreamProvider(Winners.StreamProvider).GetStream<Winners>(Winners.StreamNamespace, GrainKeys.Trainer(run));
            await stream.OnNextAsync(new Winners(plan.Stage, plan.Round, Index, pairs));
        }
#pragma warning disable CA1031 // The event only wakes the trainer, which reads the pairs from the ledger also without it.
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

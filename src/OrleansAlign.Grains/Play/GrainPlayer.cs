using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Stages;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Grains.Contracts.Remote;

namespace OrleansAlign.Grains.Play;

/// <summary>Decides a round's tournaments with one prompt grain each; the number under way at a time is bounded, whatever the size of the round.</summary>
/// <param name="run">The run.</param>
/// <param name="ledger">Its ledger.</param>
/// <param name="grains">The grains.</param>
/// <param name="calls">Makes the calls to the grains.</param>
/// <param name="inFlight">Tournaments under way at the same time.</param>
/// <param name="progress">Takes the run's events.</param>
internal sealed class GrainPlayer(
    string run, IRunLedger ledger, IGrainFactory grains, RemoteCalls calls, int inFlight, IProgress<RunEvent> progress) : IRoundPlayer
{
    /// <summary>Prompts whose pair sets one query looks for.</summary>
    private const int PromptsAtOnce = 256;

    /// <summary>How long one call waits for a prompt.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <inheritdoc/>
    public async Task PlayAsync(RoundPlan round, CancellationToken cancel)
    {
        var name = new RoundRef(run, round.Stage, round.Round, round.Policies.Player, round.Policies.Judge, round.Policies.Reference);
        using var places = new SemaphoreSlim(inFlight);
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        List<Task> playing = [];
        int done = 0;
        try
        {
            for (int from = 0; from < round.Count && !failed.IsCancellationRequested; from += PromptsAtOnce)
            {
                int to = Math.Min(from + PromptsAtOnce, round.Count);
                IReadOnlyList<PairSetRow> decided = await ledger.PairSetsAsync(round.Stage, round.Round, from, to, cancel).ConfigureAwait(false);
                HashSet<int> known = [.. decided.Select(s => s.Key.Index)];
                IReadOnlyList<CompletionRow> drawn = known.Count == to - from
                    ? []
                    : await ledger.CompletionsAsync(round.Stage, round.Round, from, to, cancel).ConfigureAwait(false);
                HashSet<int> begun = [.. drawn.Select(c => c.Key.Index)];
                Advance(known.Count);
                for (int index = from; index < to; index++)
                {
                    if (known.Contains(index)) continue;
                    if (!await EnterAsync(places, failed.Token).ConfigureAwait(false)) break;
                    playing.RemoveAll(t => t.IsCompletedSuccessfully);
                    playing.Add(OneAsync(index, begun.Contains(index)));
                }
            }

            await Task.WhenAll(playing).ConfigureAwait(false);
        }
        catch
        {
            // All tournaments end before this method does: one that went on would report progress to the next attempt and use disposed objects.
            await failed.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(playing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }

        cancel.ThrowIfCancellationRequested();

        async Task OneAsync(int index, bool begun)
        {
            try
            {
                IPromptGrain prompt = grains.GetGrain<IPromptGrain>(GrainKeys.Prompt(run, round.Key(index)));
                Task<bool> CallAsync(int attempt) => prompt.PlayAsync(name, begun || attempt > 0, Patience);
                while (!await calls.RunAsync("prompt.play", CallAsync, failed.Token).ConfigureAwait(false))
                {
                    failed.Token.ThrowIfCancellationRequested();
                    begun = true;
                }

                Advance(1);
            }
            catch (OperationCanceledException) when (failed.IsCancellationRequested)
            {
                // The caller that cancelled, or the tournament that failed, reports it.
            }
            catch
            {
                await failed.CancelAsync().ConfigureAwait(false);
                throw;
            }
            finally
            {
                places.Release();
            }
        }

        void Advance(int count)
        {
            if (count > 0) progress.Report(new RunEvent.Advanced("play", Interlocked.Add(ref done, count), round.Count, "prompts"));
        }
    }

    private static async Task<bool> EnterAsync(SemaphoreSlim places, CancellationToken cancel)
    {
        try
        {
            await places.WaitAsync(cancel).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}

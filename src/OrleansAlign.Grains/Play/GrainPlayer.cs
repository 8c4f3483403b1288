using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Stages;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Grains.Contracts.Remote;

namespace OrleansAlign.Grains.Play;

/// <summary>Plays a round with a grain per prompt, so many of them at a time and no more, whatever the size of the round.</summary>
/// <param name="run">The run.</param>
/// <param name="ledger">Its ledger.</param>
/// <param name="grains">The grains.</param>
/// <param name="calls">Calls between grains.</param>
/// <param name="inFlight">Prompts in play at the same time.</param>
/// <param name="progress">Who watches.</param>
internal sealed class GrainPlayer(
    string run, IRunLedger ledger, IGrainFactory grains, RemoteCalls calls, int inFlight, IProgress<RunEvent> progress) : IRoundPlayer
{
    /// <summary>Prompts whose pair sets are looked for at once.</summary>
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
                HashSet<int> known = [.. (await ledger.PairSetsAsync(round.Stage, round.Round, from, to, cancel).ConfigureAwait(false)).Select(s => s.Key.Index)];
                HashSet<int> begun = known.Count == to - from ? [] : [.. (await ledger.CompletionsAsync(round.Stage, round.Round, from, to, cancel).ConfigureAwait(false)).Select(c => c.Key.Index)];
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
            // Nobody is left behind who would report to a run that is tried again, or use what is gone by then.
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
                while (!await calls.RunAsync("prompt.play", attempt => prompt.PlayAsync(name, begun || attempt > 0, Patience), failed.Token).ConfigureAwait(false))
                {
                    failed.Token.ThrowIfCancellationRequested();
                    begun = true;
                }

                Advance(1);
            }
            catch (OperationCanceledException) when (failed.IsCancellationRequested)
            {
                // Whoever cancelled has the word.
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

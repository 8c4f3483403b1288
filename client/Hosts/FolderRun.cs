using OrleansAlign.Core.Ports;
using OrleansAlign.Client.Terminal;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Telemetry;
using OrleansAlign.Embedded;
using OrleansAlign.Models.Chat;

namespace OrleansAlign.Client.Hosts;

/// <summary>A run that this process works on.</summary>
/// <param name="run">The run.</param>
/// <param name="threads">Threads to compute with; 0 takes all cores.</param>
/// <param name="isNew">Whether this command recorded the run. If such a run fails on its input before any work was committed, its folder is deleted.</param>
/// <param name="hint">The option by which other commands find it.</param>
internal sealed class FolderRun(EmbeddedRun run, int threads, bool isNew, string hint) : IHostedRun
{
    /// <inheritdoc/>
    public RunRow Row => run.Row;

    /// <inheritdoc/>
    public string Place => $"in {run.Folder}";

    /// <inheritdoc/>
    public ILedgerReader Ledger => run.Ledger;

    /// <inheritdoc/>
    public bool CanChat => true;

    /// <inheritdoc/>
    public string Interruption => $"interrupted; what was done is kept. Go on with: ./align resume {run.Row.RunId}{hint}";

    /// <inheritdoc/>
    public string PlaceOf(string policy) => run.Policies.Folder(policy);

    /// <inheritdoc/>
    public async Task<string> EndAsync(IProgress<RunEvent> progress, CancellationToken cancel)
    {
        using var metrics = new AlignMetrics(TimeProvider.System);
        try
        {
            return await run.ExecuteAsync(AvailableEngines.Catalog, threads, metrics, progress, cancel).ConfigureAwait(false);
        }
        catch (Exception error) when (isNew && error is (InvalidDataException or ArgumentException or ChatTemplateException))
        {
            await run.DiscardIfUntouchedAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => run.DisposeAsync();
}

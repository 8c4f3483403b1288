using OrleansAlign.Core.Ports;

namespace OrleansAlign.Client.Terminal;

/// <summary>Shows a run as it goes: one line per activity with rate and time left, rewritten in place on a terminal, repeated now and then elsewhere.</summary>
internal sealed class ConsoleProgress(TextWriter output, bool interactive, TimeProvider clock) : IProgress<RunEvent>
{
    private static readonly TimeSpan InteractiveInterval = TimeSpan.FromMilliseconds(200), PlainInterval = TimeSpan.FromSeconds(15);

    private string activity = "";
    private long startedAt, lastShown, doneAtStart;
    private bool lineOpen;

    /// <inheritdoc/>
    public void Report(RunEvent value)
    {
        switch (value)
        {
            case RunEvent.Began began:
                CloseLine();
                output.WriteLine(began.Rounds > 0 ? $"{began.Kind}, round {began.Round} of {began.Rounds}" : began.Kind);
                activity = "";
                break;
            case RunEvent.Advanced advanced:
                Advance(advanced);
                break;
            case RunEvent.Noted noted:
                CloseLine();
                output.WriteLine($"  note: {noted.Text}");
                break;
            case RunEvent.Ended:
                CloseLine();
                activity = "";
                break;
        }
    }

    private void Advance(RunEvent.Advanced advanced)
    {
        long now = clock.GetTimestamp();
        bool isNew = advanced.Activity != activity;
        if (isNew)
        {
            CloseLine();
            (activity, startedAt, doneAtStart, lastShown) = (advanced.Activity, now, advanced.Done, now);
        }

        bool finished = advanced.Done >= advanced.Total;
        TimeSpan interval = interactive ? InteractiveInterval : PlainInterval;
        if (!finished && !(isNew && interactive) && clock.GetElapsedTime(lastShown, now) < interval) return;

        lastShown = now;
        string line = Line(advanced, clock.GetElapsedTime(startedAt, now));
        if (interactive)
        {
            output.Write($"\r{Fitting(line)}\u001b[K");
            lineOpen = true;
            if (finished) CloseLine();
        }
        else
        {
            output.WriteLine(line);
        }

        if (finished) activity = "";
    }

    private string Line(RunEvent.Advanced advanced, TimeSpan elapsed)
    {
        long here = advanced.Done - doneAtStart;
        double rate = elapsed.TotalSeconds > 0 ? here / elapsed.TotalSeconds : 0;
        string left = advanced.Done >= advanced.Total ? $"took {Text(elapsed)}"
            : rate > 0 ? $"{Text(TimeSpan.FromSeconds((advanced.Total - advanced.Done) / rate))} left"
            : "";
        string speed = rate > 0 ? $"{Rate(rate)} {advanced.Unit}/s" : "";
        return $"  {advanced.Activity,-9} {advanced.Done,7:N0} of {advanced.Total:N0} {advanced.Unit}"
            + string.Concat(new[] { speed, left, advanced.Figure ?? "" }.Where(part => part.Length > 0).Select(part => $" · {part}"));
    }

    /// <summary>Cut off where the terminal ends: a line that wraps could not be rewritten in place.</summary>
    private static string Fitting(string line) => Console.WindowWidth is > 1 and int width && line.Length >= width ? line[..(width - 1)] : line;

    private static string Rate(double rate) => rate >= 100 ? $"{rate:N0}" : rate >= 1 ? $"{rate:F1}" : $"{rate:F2}";

    private static string Text(TimeSpan time) => time.TotalMinutes >= 1 ? $"{(int)time.TotalMinutes} min {time.Seconds:00} s" : $"{time.TotalSeconds:F1} s";

    private void CloseLine()
    {
        if (lineOpen) output.WriteLine();
        lineOpen = false;
    }
}

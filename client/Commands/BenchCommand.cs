using System.CommandLine;
using System.Text.Json;
using OrleansAlign.Client.Terminal;
using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Engines.Managed;

namespace OrleansAlign.Client.Commands;

/// <summary><c>align bench</c>: how near the engine comes to this processor's peak.</summary>
internal static class BenchCommand
{
    public static Command Create()
    {
        Option<string?> model = new("--model") { Description = "Model to measure sampling with; left out, a model of the demo's size.", HelpName = "DIR" };
        Option<int> threads = Shared.Threads();
        Option<string?> json = Shared.JsonFile();
        var command = new Command("bench", "Measure the managed engine against this processor's multiply-add peak; about a minute.") { model, threads, json };
        command.SetAction((parsed, cancel) =>
        {
            ModelWeights? sampled = parsed.GetValue(model) is { } folder ? Checkpoint.Load(folder) : null;
            BenchmarkReport report = EngineBenchmark.Run(parsed.GetValue(threads), sampled, cancel);
            Console.WriteLine($"Multiply-add peak, vectors of {report.VectorBits} bits: "
                + $"{report.PeakOneThread:F0} GFLOP/s on one thread, {report.Peak:F0} on {report.Threads}.");
            foreach (BenchmarkFigure figure in report.Figures)
            {
                string share = double.IsNaN(figure.ShareOfPeak) ? "" : $"{100 * figure.ShareOfPeak,5:F0} % of the peak";
                Console.WriteLine($"  {figure.Name,-46} {figure.Rate,10:N0} {figure.Unit,-9} {share}".TrimEnd());
            }

            // The last two figures are of the same model, with one stream and with many.
            BenchmarkFigure one = report.Figures[^2], many = report.Figures[^1];
            Console.WriteLine($"Sampling many streams at once is {many.Rate / one.Rate:F1} × as fast as one.");
            if (parsed.GetValue(json) is { } file) WriteJson(file, report, many.Rate / one.Rate);
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    private static void WriteJson(string file, BenchmarkReport report, double samplingRatio)
    {
        var result = new
        {
            report.VectorBits,
            report.Threads,
            report.PeakOneThread,
            report.Peak,
            samplingRatio,
            figures = report.Figures.Select(f => new { f.Name, f.Rate, f.Unit, shareOfPeak = double.IsNaN(f.ShareOfPeak) ? (double?)null : f.ShareOfPeak }),
        };
        File.WriteAllText(file, JsonSerializer.Serialize(result, Shared.IndentedJson) + "\n");
    }
}

using System.CommandLine;
using System.Globalization;
using OrleansAlign.Client.Terminal;
using OrleansAlign.Embedded;

namespace OrleansAlign.Client.Commands;

/// <summary><c>align prune</c>: frees the policies and trainer states that a run does not need any more.</summary>
internal static class PruneCommand
{
    private static readonly string[] Units = ["bytes", "KiB", "MiB", "GiB", "TiB"];

    public static Command Create()
    {
        Argument<string> id = new("run") { Description = "Name of a run." };
        Option<bool> dry = new("--dry-run") { Description = "Only say what would be freed." };
        Option<string[]> keep = new("--keep")
        {
            Description = "Keep this policy too (the beginning of its hash is enough); may be given several times.", HelpName = "HASH",
            DefaultValueFactory = _ => [],
        };
        Option<string> runs = Shared.Runs();
        const string description = "Free the policies and trainer states that a run in a folder does not need: its final policy, and what an unfinished run "
            + "goes on from, are kept. resume, status, explain and chat work as before.";
        var command = new Command("prune", description) { id, dry, keep, runs };
        command.SetAction(async (parsed, cancel) =>
        {
            bool isDry = parsed.GetValue(dry);
            IReadOnlyList<PrunedItem> items = await RunPruning.PruneAsync(
                parsed.GetValue(runs)!, parsed.GetRequiredValue(id), parsed.GetValue(keep)!, isDry, cancel).ConfigureAwait(false);
            foreach (PrunedItem item in items)
            {
                string verb = item.Reason is not null ? "kept" : isDry ? "would free" : "freed";
                Console.WriteLine($"{verb,-10} {Size(item.Bytes),9}  {item.Name}{(item.Reason is { } reason ? $"  ({reason})" : "")}");
            }

            PrunedItem[] kept = [.. items.Where(i => i.Reason is not null)], free = [.. items.Where(i => i.Reason is null)];
            (string freed, string left) = isDry ? ("would free", "would keep") : ("freed", "kept");
            Console.WriteLine($"{parsed.GetRequiredValue(id)}: {freed} {Total(free)}, {left} {Total(kept)}.");
            return ExitCode.Done;
        });
        return command;
    }

    private static string Total(PrunedItem[] items) => $"{Size(items.Sum(i => i.Bytes))} in {items.Length} {(items.Length == 1 ? "place" : "places")}";

    private static string Size(long bytes)
    {
        int unit = 0;
        double size = bytes;
        for (; size >= 1024 && unit < Units.Length - 1; unit++) size /= 1024;
        return string.Create(CultureInfo.InvariantCulture, $"{(unit == 0 ? $"{size:F0}" : $"{size:F1}")} {Units[unit]}");
    }
}

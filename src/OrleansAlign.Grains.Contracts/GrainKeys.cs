using System.Globalization;
using OrleansAlign.Core.Ledger;

namespace OrleansAlign.Grains.Contracts;

/// <summary>The keys of all grains. Each begins with a word that is no hexadecimal number: ADO.NET storage would fold the case of a hexadecimal key.</summary>
public static class GrainKeys
{
    /// <summary>Key of the grain that speaks for the cluster.</summary>
    public const string Cluster = "cluster";

    /// <summary>Key of the grain that knows the device slots.</summary>
    public const string Devices = "devices";

    /// <summary>Key of a run's grain.</summary>
    public static string Run(string run) => $"run/{run}";

    /// <summary>Key of a run's trainer.</summary>
    public static string Trainer(string run) => $"trainer/{run}";

    /// <summary>Key of the grain that reads a run's ledger for clients.</summary>
    public static string Ledger(string run) => $"ledger/{run}";

    /// <summary>Key of a prompt's grain.</summary>
    public static string Prompt(string run, PromptKey key) => $"prompt/{run}/{key}";

    /// <summary>Key of the grain that decides a prompt's tournament.</summary>
    public static string Bracket(string run, PromptKey key) => $"bracket/{run}/{key}";

    /// <summary>The prompt's place in its round, from the key of a prompt grain or a bracket grain.</summary>
    public static int IndexOf(string key) => int.Parse(key.AsSpan(key.LastIndexOf('.') + 1), CultureInfo.InvariantCulture);

    /// <summary>Key of the grains in front of a device slot.</summary>
    /// <param name="silo">Name of the slot's silo.</param>
    /// <param name="number">Number of the slot on that silo, from 0.</param>
    public static string Slot(string silo, int number) => $"slot/{silo}/{number}";

    /// <summary>Key of the grain that takes a file's content.</summary>
    public static string Upload(string sha256) => $"upload/{sha256}";

    /// <summary>The silo that a slot belongs to.</summary>
    public static string SiloOf(string slot) => slot.Split('/')[1];

    /// <summary>The part of a key after its first word.</summary>
    public static string NameOf(string key) => key[(key.IndexOf('/', StringComparison.Ordinal) + 1)..];
}

using System.Security.Cryptography;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Core.Runs;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Grains.Hosting;

namespace OrleansAlign.Grains.Runs;

/// <summary>Records submitted runs: copies a run's data files into its folder on the shared storage, checks recipe and files, writes the run's row.</summary>
internal sealed class RunSubmissions(RunContexts runs, GrainHostOptions options)
{
    /// <summary>Records the run; recording the same submission again changes nothing.</summary>
    /// <exception cref="RunRefusedException">The submission is wrong; the message has one line per problem.</exception>
    public Task RecordAsync(string run, RunSubmission submission) => Task.Run(() => RecordOffTurnAsync(run, submission));

    private async Task RecordOffTurnAsync(string run, RunSubmission submission)
    {
        if (submission.Version != options.Version)
        {
            throw new RunRefusedException($"the client is version {submission.Version}, silo {options.SiloName} is {options.Version}; use the same");
        }

        IRunLedger ledger = runs.Ledger(run);
        if (await ledger.RunAsync().ConfigureAwait(false) is { } known)
        {
            if (known.Recipe == submission.Recipe && known.Seed == submission.Seed) return;
            throw new RunRefusedException($"there is a run {run} with another recipe or seed; choose another name");
        }

        try
        {
            RecipeFile.Parse(submission.Recipe, "recipe", options.DataFolder(run), needFiles: false);
            foreach (SubmittedFile file in submission.Files) Lay(run, file);
            RecipeFile recipe = RecipeFile.Parse(submission.Recipe, "recipe", options.DataFolder(run));
            RunRow row = RunData.Record(run, recipe, submission.Seed, submission.Version) with { RecipePath = submission.RecipePath ?? "" };
            await ledger.AddRunAsync(row).ConfigureAwait(false);
        }
        catch (RecipeException error)
        {
            throw new RunRefusedException(error.Message);
        }
    }

    /// <summary>Copies an uploaded file to the path that the recipe names: written under another name, then renamed.</summary>
    private void Lay(string run, SubmittedFile file)
    {
        string folder = options.DataFolder(run), target = Path.GetFullPath(file.Path, folder);
        if (Path.IsPathRooted(file.Path) || !target.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            throw new RunRefusedException($"{file.Path}: a file of a submitted recipe must lie in the recipe's folder or below; move it there");
        }

        if (file.Sha256.Length != 64 || !file.Sha256.All(char.IsAsciiHexDigitLower))
        {
            throw new RunRefusedException($"{file.Path}: \"{file.Sha256}\" is no SHA-256 in lower-case hexadecimal");
        }

        string source = options.Upload(file.Sha256);
        if (!File.Exists(source)) throw new RunRefusedException($"{file.Path}: its content {file.Sha256} was not uploaded; upload it, then start the run");
        if (File.Exists(target) && HashOf(target) == file.Sha256) return;
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        string aside = $"{target}.{options.SiloName}.writing";
        File.Copy(source, aside, overwrite: true);
        File.Move(aside, target, overwrite: true);
    }

    private static string HashOf(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}

using OrleansAlign.Core.Ports;
using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Tokenizers;

namespace OrleansAlign.Core.Policies;

/// <summary>Policies in a folder; each is written aside and renamed, so that a folder with a policy's name is always complete.</summary>
public sealed class FilePolicyStore(string root) : IPolicyStore
{
    private const string Aside = ".writing";

    private static int written;

    /// <inheritdoc/>
    public bool Has(string policy) => Directory.Exists(Path.Combine(root, policy));

    /// <summary>Whether a policy's tokenizer files are, byte for byte, those of a folder.</summary>
    public bool HasTokenizerOf(string policy, string tokenizerFolder) => Tokenizer.HaveSameFiles(Folder(policy), tokenizerFolder);

    /// <inheritdoc/>
    public string Folder(string policy)
    {
        string folder = Path.Combine(root, policy);
        return Directory.Exists(folder) ? folder : throw new InvalidDataException(
            $"{root}: there is no policy {policy}; its folder was moved, deleted, or freed by align prune, "
            + "or this is not the folder that the run's other processes share");
    }

    /// <inheritdoc/>
    /// <remarks>Several processes may add the same policy at once: each writes aside under a name of its own, and the first one renamed is kept.</remarks>
    public string Add(ModelWeights weights, string tokenizerFolder)
    {
        string hash = weights.Hash();
        string folder = Path.Combine(root, hash);
        if (Directory.Exists(folder)) return hash;

        string aside = $"{folder}.{Environment.MachineName}-{Environment.ProcessId}-{Interlocked.Increment(ref written)}{Aside}";
        try
        {
            Directory.CreateDirectory(aside);
            Tokenizer.CopyFiles(tokenizerFolder, aside);
            Checkpoint.Save(weights, aside);
            Directory.Move(aside, folder);
        }
        catch (IOException) when (Directory.Exists(folder))
        {
            // Another process was first; its files have the same content.
        }

        RemoveAside(hash);
        return hash;
    }

    /// <summary>Removes the folders written aside for a complete policy: by this process, by processes that renamed later, and by killed ones.</summary>
    private void RemoveAside(string hash)
    {
        foreach (string left in Directory.GetDirectories(root, $"{hash}*{Aside}"))
        {
            try
            {
                Directory.Delete(left, recursive: true);
            }
            catch (IOException)
            {
                // Another process is writing there at this moment; it finds the policy in its place and removes its folder itself.
            }
        }
    }
}

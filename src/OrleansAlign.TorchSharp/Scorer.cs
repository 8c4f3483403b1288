using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Engines.Shared;
using TorchSharp;
using static TorchSharp.torch;

namespace OrleansAlign.TorchSharp;

/// <summary>Forward passes without a graph: log-probs and choices of sequences, as many in one pass as the token budget allows.</summary>
internal sealed class Scorer(ParameterSet parameters, EngineSettings settings, Transformer transformer, RotaryTensors rotary, VocabularyHead head)
{
    private readonly ModelConfig config = parameters.Config;

    /// <summary>Log-probs of each sequence's tokens after its prompt. No token follows the last one, so its row is not computed.</summary>
    public float[][] LogProbs(IReadOnlyList<TokenSequence> sequences, CancellationToken cancel)
    {
        float[][] results = [.. sequences.Select(s => new float[s.CompletionLength])];
        IEnumerable<int> wanted = Enumerable.Range(0, sequences.Count).Where(i => results[i].Length > 0);
        ForEachPass(wanted, i => new ArraySegment<int>(sequences[i].Tokens, 0, sequences[i].Tokens.Length - 1), (members, packed, x) =>
        {
            var scored = new ScoredRows(members, sequences, packed, settings.Device);
            (Tensor logProbs, _) = head.Score(transformer.FinalNorm(x.index_select(0, scored.Rows)), scored.Targets, cancel);
            scored.Scatter(HostMemory.Download(logProbs), results);
        }, cancel);
        return results;
    }

    /// <summary>Logits of a few ids after each prompt.</summary>
    public ChoiceLogits[] Choices(IReadOnlyList<int[]> prompts, IReadOnlyList<int> choices, CancellationToken cancel)
    {
        var results = new ChoiceLogits[prompts.Count];
        ForEachPass(Enumerable.Range(0, prompts.Count), i => prompts[i], (members, packed, x) =>
        {
            Tensor ids = HostMemory.Indices(choices, settings.Device);
            int[] ends = [.. members.Select((member, m) => packed.Starts[m] + prompts[member].Length - 1)];
            head.ForEachPiece(transformer.FinalNorm(x.index_select(0, HostMemory.Indices(ends, settings.Device))), (start, logits) =>
            {
                float[] partition = HostMemory.Download(logits.logsumexp(1)), chosen = HostMemory.Download(logits.index_select(1, ids));
                for (int i = 0; i < partition.Length; i++)
                {
                    results[members[(int)start + i]] = new ChoiceLogits(chosen[(i * choices.Count)..((i + 1) * choices.Count)], partition[i]);
                }
            }, cancel);
        }, cancel);
        return results;
    }

    private void ForEachPass(
        IEnumerable<int> wanted, Func<int, ArraySegment<int>> sequence, Action<List<int>, PackedRows, Tensor> use, CancellationToken cancel)
    {
        using IDisposable still = no_grad();
        foreach (List<int> members in Passes.SplitSorted(wanted, i => sequence(i).Count, settings.PassTokens))
        {
            using DisposeScope scope = NewDisposeScope();
            var packed = new PackedRows([.. members.Select(sequence)], settings.Device);
            var attention = new PackedAttention(packed, config, settings);
            use(members, packed, transformer.Forward(packed.Tokens, attention, rotary.At(packed.Positions, packed.End), cancel));
        }
    }
}

/// <summary>The rows of a pass whose next token is scored, sequence by sequence.</summary>
/// <remarks>Its tensors belong to the caller's dispose scope.</remarks>
internal sealed class ScoredRows
{
    private readonly IReadOnlyList<int> members;
    private readonly IReadOnlyList<TokenSequence> sequences;

    /// <param name="members">The sequences that are packed, in that order.</param>
    /// <param name="sequences">All sequences; those packed lack their last token.</param>
    /// <param name="packed">The rows of the packed sequences.</param>
    /// <param name="device">Device of the tensors.</param>
    public ScoredRows(IReadOnlyList<int> members, IReadOnlyList<TokenSequence> sequences, PackedRows packed, Device device)
    {
        (this.members, this.sequences) = (members, sequences);
        List<int> rows = [], targets = [];
        for (int m = 0; m < members.Count; m++)
        {
            TokenSequence sequence = sequences[members[m]];
            for (int t = sequence.PromptLength; t < sequence.Tokens.Length; t++)
            {
                rows.Add(packed.Starts[m] + t - 1);
                targets.Add(sequence.Tokens[t]);
            }
        }

        Rows = HostMemory.Indices(rows, device);
        Targets = HostMemory.Indices(targets, device);
    }

    /// <summary>[R], the row of the pass.</summary>
    public Tensor Rows { get; }

    /// <summary>[R], the token that follows it.</summary>
    public Tensor Targets { get; }

    /// <summary>Converts values per scored row to values per sequence.</summary>
    public void Scatter(float[] values, IReadOnlyList<float[]> perSequence)
    {
        int next = 0;
        foreach (int member in members)
        {
            values.AsSpan(next, sequences[member].CompletionLength).CopyTo(perSequence[member]);
            next += sequences[member].CompletionLength;
        }
    }

    /// <summary>Converts values per sequence to values per scored row.</summary>
    public float[] Collect(IReadOnlyList<float[]> perSequence) => [.. members.SelectMany(member => perSequence[member])];
}

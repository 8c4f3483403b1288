namespace OrleansAlign.Models.Engines.Managed;

/// <summary>Sequences of a training batch as rows: each without its last token, after which no token is scored.</summary>
internal sealed class TrainingRows
{
    public TrainingRows(TrainingBatch training, IReadOnlyList<int> members, KeyValuePages pages, double dropout)
    {
        List<int> scored = [], targets = [], sequences = [];
        List<(int Sequence, int Index)> origin = [];
        foreach (int member in members)
        {
            TokenSequence sequence = training.Sequences[member];
            int count = sequence.Tokens.Length - 1;
            int[] list = new int[KeyValuePages.PagesFor(count)];
            for (int p = 0; p < list.Length; p++) list[p] = pages.Rent();
            int row = Batch.Add(sequence.Tokens.AsSpan(0, count), 0, list);
            for (int t = 0; t < count; t++) sequences.Add(member);
            for (int t = sequence.PromptLength; t <= count; t++)
            {
                scored.Add(row + t - 1);
                targets.Add(sequence.Tokens[t]);
                origin.Add((member, t - sequence.PromptLength));
            }
        }

        Scored = [.. scored];
        Targets = [.. targets];
        Origin = [.. origin];
        LogPartition = new double[Scored.Length];
        if (dropout > 0) Dropout = new Dropout(training.DropoutSeed, dropout, sequences, Batch.Positions);
    }

    /// <summary>The rows.</summary>
    public RowBatch Batch { get; } = new();

    /// <summary>Rows whose next token is scored.</summary>
    public int[] Scored { get; }

    /// <summary>Scored token of each of these rows.</summary>
    public int[] Targets { get; }

    /// <summary>Place of each log-prob in the batch.</summary>
    public (int Sequence, int Index)[] Origin { get; }

    /// <summary>log Σ exp of each scored row.</summary>
    public double[] LogPartition { get; }

    /// <summary>The dropout masks; null if dropout is off.</summary>
    public Dropout? Dropout { get; }

    /// <summary>The last layer's output.</summary>
    public nint Residual { get; set; }

    /// <summary>The scored rows after the final norm.</summary>
    public nint Normed { get; set; }

    /// <summary>Returns the pages.</summary>
    public void Release(KeyValuePages pages)
    {
        foreach (Segment segment in Batch.Segments)
        {
            foreach (int page in segment.Pages) pages.Return(page);
        }
    }
}

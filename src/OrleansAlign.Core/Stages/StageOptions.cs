using OrleansAlign.Core.Data;

namespace OrleansAlign.Core.Stages;

/// <summary>A stage of a recipe: what it reads, what it needs, and how it is prepared. <see cref="StageKinds"/> lists all kinds.</summary>
public abstract record StageOptions : TrainingOptions
{
    private protected StageOptions()
    {
    }

    /// <summary>The kind as recipes write it.</summary>
    public string Kind => StageKinds.NameOf(GetType());

    /// <summary>Rounds that the stage is divided into; 0 for a stage without rounds.</summary>
    public virtual int RoundCount => 0;

    /// <summary>The numbers under which the stage's rounds are recorded: 1 to <see cref="RoundCount"/>, or 0 alone in a stage without rounds.</summary>
    public IEnumerable<int> RoundNumbers => RoundCount == 0 ? [0] : Enumerable.Range(1, RoundCount);

    /// <summary>Whether the stage asks or trains the recipe's judge.</summary>
    public virtual bool NeedsJudge => false;

    /// <summary>Whether the judge must give scores, because pairs are made from them.</summary>
    public virtual bool NeedsScores => false;

    /// <summary>What becomes of rows that are longer than the model's context. Default <c>skip</c>.</summary>
    public TooLong TooLong { get; init; }

    /// <summary>By key of a row, the column of the stage's data files that holds it: <c>{prompt: question, system: persona}</c>. Default none.</summary>
    public IReadOnlyDictionary<string, string> Columns { get; init; } = new Dictionary<string, string>();

    /// <summary>Columns of the stage's data files that are left out. Any other column with text that nothing reads is an error. Default none.</summary>
    public IReadOnlyList<string> IgnoreColumns { get; init; } = [];

    /// <summary>How columns of the data files are read.</summary>
    internal RowColumns RowColumns => new(Columns, IgnoreColumns);

    /// <inheritdoc/>
    public override IEnumerable<string> Problems() => [.. base.Problems(), .. RowColumns.Problems()];

    /// <summary>Data files, folders or patterns (<see cref="DataPaths"/>), each with the key that names it; a path is empty where it was left out.</summary>
    public abstract IEnumerable<(string Key, string Path)> DataFiles();

    /// <summary>Reads and checks the data.</summary>
    /// <param name="stage">Stage, from 0.</param>
    /// <param name="context">What stages are prepared from.</param>
    /// <exception cref="InvalidDataException">Something is wrong with the data: a line for each fault.</exception>
    internal abstract IStage Prepare(int stage, StageContext context);
}

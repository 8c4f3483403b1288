using System.Text.Json.Serialization;

namespace OrleansAlign.Core.Judging;

/// <summary>Result of one pointwise judgement: a score, or the reason why there is none. Never NaN, never an exception.</summary>
[JsonDerivedType(typeof(Scored), "scored"), JsonDerivedType(typeof(Unparsable), "unparsable")]
public abstract record Rating
{
    private Rating()
    {
    }

    /// <summary>A score on the rubric's scale.</summary>
    public sealed record Scored : Rating
    {
        /// <summary>Takes a finite number.</summary>
        /// <exception cref="ArgumentException">The number is NaN or infinite.</exception>
        public Scored(double value) =>
            Value = double.IsFinite(value) ? value : throw new ArgumentException($"a score must be a finite number, not {value}", nameof(value));

        /// <summary>The score.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
        public double Value { get; }
    }

    /// <summary>No score could be read.</summary>
    /// <param name="Reason">Why, in words.</param>
    public sealed record Unparsable(string Reason) : Rating;

    /// <summary>The rating of any number; NaN and infinity are unparsable.</summary>
    public static Rating Of(double value) => double.IsFinite(value) ? new Scored(value) : new Unparsable($"the score is {value}");
}

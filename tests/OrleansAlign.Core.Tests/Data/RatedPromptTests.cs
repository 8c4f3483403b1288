using System.Text;
using OrleansAlign.Core.Data;

namespace OrleansAlign.Core.Tests.Data;

public class RatedPromptTests
{
    private const string Line = """
        {"id": "u", "instruction": "Q", "completions": [
        {"response": "short", "custom_system_prompt": "Be short.", "annotations": {"helpfulness": {"Rating": "4", "Rationale": "fine"}, 
        "honesty": {"Rating": "N/A", "Rationale": ""}}},
        {"response": "longer", "custom_system_prompt": "Be long.", "annotations": {"helpfulness": {"Rating": "3", "Rationale": "Text 2 is weak"}, 
        "honesty": {"Rating": 5, "Rationale": "open"}}},
        {"response": "worst", "annotations": {"helpfulness": {"Rating": "1", "Rationale": "bad"}, "honesty": {"Rating": "1", "Rationale": "sly"}}},
        {"response": "unrated", "annotations": {"helpfulness": {"Rating": "N/A"}}},
        {"response": "", "annotations": {"helpfulness": {"Rating": "5"}}}]}
        """;

    [Fact]
    public void Among_equal_scores_the_longer_is_the_demonstration_under_its_own_system_message()
    {
        Demonstration demonstration = Assert.Single(DataFile.Demonstrations(Open(), "u"));
        Assert.Equal([("system", "Be long."), ("user", "Q"), ("assistant", "longer")], demonstration.Messages.Select(m => (m.Role, m.Content)));
        Assert.Equal([2], demonstration.TrainedTurns);
    }

    [Fact]
    public void The_best_is_preferred_to_a_strictly_lower_one() => Assert.All(Enumerable.Range(0, 20), seed =>
    {
        PreferenceRow pair = Preference(null, (ulong)seed)!;
        Assert.Equal(("longer", "worst"), (pair.Chosen, pair.Rejected));
    });

    [Fact]
    public void By_principle_the_aspects_own_rating_counts_and_the_draw_depends_on_the_seed_alone()
    {
        PreferenceRow[] pairs = [.. Enumerable.Range(0, 40).Select(seed => Preference("helpfulness", (ulong)seed)!)];
        Assert.All(pairs, p => Assert.Equal(("short", "helpfulness", "u/helpfulness"), (p.Chosen, p.Principle, p.Id)));
        Assert.Equal(["longer", "worst"], pairs.Select(p => p.Rejected).Distinct().Order());
        Assert.All(pairs, p => Assert.Equal(p.Rejected == "worst" ? "bad" : null, p.RejectedRationale));
        Assert.Equal(pairs[7].Rejected, Preference("helpfulness", 7)!.Rejected);
        Assert.Equal(("longer", "worst"), (Preference("honesty", 1)!.Chosen, Preference("honesty", 1)!.Rejected));
        Assert.Null(Preference("beauty", 1));
    }

    [Fact]
    public void Preferences_and_demonstrations_come_of_rated_rows_directly()
    {
        Assert.Equal("longer", Assert.Single(DataFile.Demonstrations(Open(), "u")).Messages[^1].Content);
        Assert.Equal("u", Assert.Single(DataFile.Preferences(Open(), "u")).Id);
        var report = new DataReport();
        var reading = new RatedReading { Principles = ["helpfulness", "honesty", "beauty"], Seed = 3 };
        Assert.Equal(["u/helpfulness", "u/honesty"], DataFile.Preferences(Open(), "u", report, reading).Select(p => p.Id));
        Assert.Equal(1, report.Skipped["no answer is rated strictly lower than the best"]);
    }

    private static PreferenceRow? Preference(string? principle, ulong seed)
    {
        var reading = new RatedReading { Principles = principle is null ? [] : [principle], Seed = seed };
        return DataFile.Preferences(Open(), "u", rated: reading).SingleOrDefault();
    }

    private static MemoryStream Open() => new(Encoding.UTF8.GetBytes(Line.ReplaceLineEndings("")));
}

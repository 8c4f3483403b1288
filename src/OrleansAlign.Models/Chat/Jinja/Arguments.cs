namespace OrleansAlign.Models.Chat.Jinja;

/// <summary>The evaluated arguments of a call.</summary>
internal sealed record Arguments(List<Value> Positional, List<KeyValuePair<string, Value>> Named)
{
    public static Arguments Of(params Value[] positional) => new([.. positional], []);

    /// <summary>The arguments after the first <paramref name="count"/>.</summary>
    public Arguments Skip(int count) => new(Positional.GetRange(count, Positional.Count - count), Named);
}

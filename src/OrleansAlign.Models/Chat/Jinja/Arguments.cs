namespace OrleansAlign.Models.Chat.Jinja;

/// <summary>An argument given by name; the name keeps its marks, since it may come from a dictionary and end as a key again.</summary>
internal readonly record struct NamedArgument(StringValue Name, Value Value);

/// <summary>The evaluated arguments of a call.</summary>
internal sealed record Arguments(List<Value> Positional, List<NamedArgument> Named)
{
    /// <summary>Removes and returns the argument of that name; null if there is none.</summary>
    public Value? TakeNamed(string name)
    {
        int place = Named.FindIndex(argument => argument.Name.Text == name);
        if (place < 0) return null;
        Value value = Named[place].Value;
        Named.RemoveAt(place);
        return value;
    }

    /// <summary>The arguments after the first <paramref name="count"/>.</summary>
    public Arguments Skip(int count) => new(Positional.GetRange(count, Positional.Count - count), Named);
}

namespace OrleansAlign.Models.Chat.Jinja;

/// <summary>Names of parameters, in order, and which of them may be left out.</summary>
internal sealed class Signature
{
    private readonly List<string> names = [];
    private readonly int required;
    private readonly bool takesRest;
    private readonly bool takesNamedRest;

    /// <param name="specification">Names apart by blanks; <c>?</c> after those that may be left out; <c>*</c> and <c>**</c> for any others.</param>
    public Signature(string specification)
    {
        foreach (string word in specification.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (word == "*") takesRest = true;
            else if (word == "**") takesNamedRest = true;
            else names.Add(word.TrimEnd('?'));
            if (char.IsLetter(word[^1])) required = names.Count;
        }
    }

    public Signature(IEnumerable<string> optional, bool takesRest, bool takesNamedRest) =>
        (names, this.takesRest, this.takesNamedRest) = ([.. optional], takesRest, takesNamedRest);

    private string Listed() => names.Count == 0 ? "none" : string.Join(", ", names);

    /// <summary>Puts every argument in its place; faults on one too many, too few or unknown.</summary>
    public Bound Bind(string callee, Arguments arguments)
    {
        var values = new Value?[names.Count];
        var rest = new List<Value>();
        var namedRest = new List<NamedArgument>();
        for (int i = 0; i < arguments.Positional.Count; i++)
        {
            if (i < values.Length) values[i] = arguments.Positional[i];
            else if (takesRest) rest.Add(arguments.Positional[i]);
            else throw new TemplateFault($"{callee} takes at most {values.Length} arguments, not {arguments.Positional.Count}.");
        }

        foreach (NamedArgument named in arguments.Named)
        {
            int place = names.IndexOf(named.Name.Text);
            bool isTaken = place >= 0 && values[place] is not null;
            if (isTaken && !(takesNamedRest && place < arguments.Positional.Count))
                throw new TemplateFault($"{callee} is given its argument '{named.Name.Text}' twice.");
            if (place >= 0 && !isTaken) values[place] = named.Value;
            else if (takesNamedRest) namedRest.Add(named);
            else throw new TemplateFault($"{callee} has no argument '{named.Name.Text}'. It has: {Listed()}.");
        }

        for (int i = 0; i < required; i++)
            if (values[i] is null) throw new TemplateFault($"{callee} needs its argument '{names[i]}'.");
        return new Bound(callee, names, values, rest, namedRest);
    }
}

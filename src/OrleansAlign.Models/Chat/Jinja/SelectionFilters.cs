namespace OrleansAlign.Models.Chat.Jinja;

/// <summary>Filters that take another filter or a test by name.</summary>
internal static class SelectionFilters
{
    public static void AddTo(OperationTable table) => table
        .Add("map", "* **", Map)
        .Add("select", "* **", (runtime, subject, arguments) => Select(runtime, subject, arguments.AllRest, ofAttribute: false, keeps: true))
        .Add("reject", "* **", (runtime, subject, arguments) => Select(runtime, subject, arguments.AllRest, ofAttribute: false, keeps: false))
        .Add("selectattr", "* **", (runtime, subject, arguments) => Select(runtime, subject, arguments.AllRest, ofAttribute: true, keeps: true))
        .Add("rejectattr", "* **", (runtime, subject, arguments) => Select(runtime, subject, arguments.AllRest, ofAttribute: true, keeps: false))
        .Add("attr", "name", (runtime, subject, arguments) => Members.AttributeOnly(subject, arguments.Text(0, ""), runtime));

    private static GeneratorValue Map(Runtime runtime, Value subject, Bound bound)
    {
        Arguments arguments = bound.AllRest;
        if (!subject.IsTrue) return new GeneratorValue([]);
        Func<Value, Value> change;
        if (arguments.Positional.Count == 0)
        {
            Bound named = new Signature("attribute default?").Bind("the filter 'map'", arguments);
            change = SequenceFilters.Getter(runtime, named[0], named[1]);
        }
        else
        {
            Operation filter = Filters.Table.Get(NameIn(arguments, 0, "map"));
            Arguments rest = arguments.Skip(1);
            change = item => filter.Apply(runtime, item, rest);
        }

        return new GeneratorValue(Iteration.Items(subject, runtime.Budget).ConvertAll(item =>
        {
            runtime.Budget.Step();
            return change(item);
        }));
    }

    private static GeneratorValue Select(Runtime runtime, Value subject, Arguments arguments, bool ofAttribute, bool keeps)
    {
        // An empty subject, none included, gives an empty selection.
        if (!subject.IsTrue) return new GeneratorValue([]);
        int nameAt = ofAttribute ? 1 : 0;
        if (arguments.Positional.Count < nameAt) throw new TemplateFault("the filters 'selectattr' and 'rejectattr' need an attribute's name.");
        Func<Value, Value> get = SequenceFilters.Getter(runtime, ofAttribute ? arguments.Positional[0] : null);
        Func<Value, bool> holds = value => value.IsTrue;
        if (arguments.Positional.Count > nameAt)
        {
            Operation test = Tests.Table.Get(NameIn(arguments, nameAt, "select"));
            Arguments rest = arguments.Skip(nameAt + 1);
            holds = value => test.Apply(runtime, value, rest).IsTrue;
        }

        return new GeneratorValue(Iteration.Items(subject, runtime.Budget).FindAll(item =>
        {
            runtime.Budget.Step();
            return holds(get(item)) == keeps;
        }));
    }

    private static string NameIn(Arguments arguments, int place, string filter) => arguments.Positional[place] is StringValue name
        ? name.Text
        : throw new TemplateFault($"'{filter}' needs a name in a text, not a value of type {arguments.Positional[place].TypeName}.");
}

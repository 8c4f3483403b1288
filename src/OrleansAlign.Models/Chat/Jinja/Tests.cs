namespace OrleansAlign.Models.Chat.Jinja;

/// <summary>The tests after <c>is</c>.</summary>
internal static class Tests
{
    public static OperationTable Table { get; } = Build();

    private static OperationTable Build()
    {
        var table = new OperationTable("test");
        AddTypes(table);
        AddComparisons(table);
        return table;
    }

    private static void AddTypes(OperationTable table)
    {
        void Add(string name, Func<Value, bool> holds) => table.Add(name, (_, subject) => BoolValue.Of(holds(subject)));
        Add("defined", value => value is not UndefinedValue);
        Add("undefined", value => value is UndefinedValue);
        Add("none", value => value is NoneValue);
        Add("boolean", value => value is BoolValue);
        Add("true", value => value is BoolValue { IsTrue: true });
        Add("false", value => value is BoolValue { IsTrue: false });
        Add("string", value => value is StringValue);
        Add("number", Numbers.IsNumber);
        Add("integer", value => value is IntValue);
        Add("float", value => value is FloatValue);
        Add("mapping", value => value is DictValue);
        Add("iterable", Iteration.IsIterable);
        Add("sequence", value =>
            value is StringValue or DictValue or RangeValue or UndefinedValue or ListValue { Kind: ListKind.List or ListKind.Tuple });
        Add("callable", value => value is CallableValue);
        Add("escaped", _ => false);
    }

    private static void AddComparisons(OperationTable table)
    {
        void Add(string names, string signature, Func<Runtime, Value, Bound, bool> holds)
        {
            string[] all = names.Split(' ');
            table.Add(all[0], signature, (runtime, subject, arguments) => BoolValue.Of(holds(runtime, subject, arguments)));
            foreach (string alias in all.Skip(1)) table.Alias(alias, all[0]);
        }

        Add("eq equalto ==", "other", (runtime, subject, arguments) => Ordering.AreEqual(subject, arguments[0]!, runtime.Budget));
        Add("ne !=", "other", (runtime, subject, arguments) => !Ordering.AreEqual(subject, arguments[0]!, runtime.Budget));
        Add("lt lessthan <", "other", (runtime, subject, arguments) => Ordering.Compare(subject, arguments[0]!, "<", runtime.Budget) < 0);
        Add("le <=", "other", (runtime, subject, arguments) => Ordering.Compare(subject, arguments[0]!, "<=", runtime.Budget) <= 0);
        Add("gt greaterthan >", "other", (runtime, subject, arguments) => Ordering.Compare(subject, arguments[0]!, ">", runtime.Budget) > 0);
        Add("ge >=", "other", (runtime, subject, arguments) => Ordering.Compare(subject, arguments[0]!, ">=", runtime.Budget) >= 0);
        Add("in", "seq", (runtime, subject, arguments) => Ordering.Contains(arguments[0]!, subject, runtime.Budget));
        Add("sameas", "other", (runtime, subject, arguments) =>
            ReferenceEquals(subject, arguments[0])
            || (subject.GetType() == arguments[0]!.GetType() && KeyComparer.Instance.Equals(subject, arguments[0])));
        Add("even", "", (runtime, subject, _) => !Rest(subject, new IntValue(2), runtime.Budget).IsTrue);
        Add("odd", "", (runtime, subject, _) => Ordering.AreEqual(Rest(subject, new IntValue(2), runtime.Budget), new IntValue(1), runtime.Budget));
        Add("divisibleby", "num", (runtime, subject, arguments) => !Rest(subject, arguments[0]!, runtime.Budget).IsTrue);
        Add("lower", "", (runtime, subject, _) => Methods.HasOnlyCase(Printing.Text(subject, runtime.Budget).Text, char.IsLower, char.IsUpper));
        Add("upper", "", (runtime, subject, _) => Methods.HasOnlyCase(Printing.Text(subject, runtime.Budget).Text, char.IsUpper, char.IsLower));
        Add("filter", "", (_, subject, _) => subject is StringValue name && Filters.Table.Find(name.Text) is not null);
        Add("test", "", (_, subject, _) => subject is StringValue name && Table.Find(name.Text) is not null);
    }

    private static Value Rest(Value subject, Value divisor, Budget budget) => subject is StringValue
        ? throw new TemplateFault("a text is neither even, odd nor divisible. Convert it with 'int'.")
        : Arithmetic.Apply("%", subject, divisor, budget);
}

namespace OrleansAlign.Models.Chat.Jinja;

/// <summary>Python's equality and order of values; marks play no part in them.</summary>
internal static class Ordering
{
    public static bool AreEqual(Value a, Value b, Budget budget)
    {
        if (ReferenceEquals(a, b)) return a is not FloatValue { Number: double.NaN };
        budget.Enter();
        bool equal = (a, b) switch
        {
            (UndefinedValue, UndefinedValue) => true,
            (StringValue x, StringValue y) => TextsEqual(x.Text, y.Text, budget),
            (ListValue x, ListValue y) => x.Kind == y.Kind && ListsEqual(x.Items, y.Items, budget),
            (DictValue x, DictValue y) => DictionariesEqual(x, y, budget),
            (RangeValue x, RangeValue y) => x.Count == y.Count && (x.Count == 0 || (x.Start == y.Start && (x.Count == 1 || x.Step == y.Step))),
            _ => KeyComparer.Instance.Equals(a, b),
        };
        budget.Leave();
        return equal;
    }

    /// <summary>Order of two values; faults when Python has none. Null for a number that is not one.</summary>
    public static int? Compare(Value a, Value b, string operation, Budget budget)
    {
        budget.Enter();
        int? order = (a, b) switch
        {
            (StringValue x, StringValue y) => CompareTexts(x.Text, y.Text, budget),
            (ListValue x, ListValue y) when x.Kind == y.Kind && x.Kind <= ListKind.Tuple => CompareLists(x.Items, y.Items, operation, budget),
            _ when Numbers.IsNumber(a) && Numbers.IsNumber(b) => Numbers.Compare(a, b),
            (UndefinedValue undefined, _) => throw undefined.Fault(),
            (_, UndefinedValue undefined) => throw undefined.Fault(),
            _ => throw new TemplateFault($"'{operation}' cannot order a value of type {a.TypeName} and one of type {b.TypeName}."),
        };
        budget.Leave();
        return order;
    }

    public static bool Contains(Value container, Value item, Budget budget)
    {
        switch (container)
        {
            case StringValue text when item is StringValue needle:
                return MarkedStrings.Find(text.Text, needle.Text, 0, text.Text.Length, budget) >= 0;
            case StringValue:
                throw new TemplateFault($"'in' looks for a text in a text, not for a value of type {item.TypeName}.");
            case DictValue dictionary:
                return dictionary.Items.ContainsKey(DictValue.Hashable(item));
            default:
                foreach (Value candidate in Iteration.Items(container, budget))
                    if (AreEqual(candidate, item, budget)) return true;
                return false;
        }
    }

    /// <summary>Sorted by key, equal keys in the order they had.</summary>
    public static List<T> Sort<T>(List<T> items, Func<T, Value> key, bool reverse, Budget budget)
    {
        var keyed = items.ConvertAll(item => (Key: key(item), Item: item));
        var buffer = new (Value Key, T Item)[keyed.Count];
        (Value Key, T Item)[] source = [.. keyed];
        for (int width = 1; width < source.Length; width *= 2)
        {
            for (int start = 0; start < source.Length; start += 2 * width)
                Merge(source, buffer, start, Math.Min(start + width, source.Length), Math.Min(start + (2 * width), source.Length));
            (source, buffer) = (buffer, source);
        }

        return [.. source.Select(pair => pair.Item)];

        void Merge((Value Key, T Item)[] from, (Value Key, T Item)[] to, int left, int middle, int end)
        {
            int right = middle;
            for (int i = left; i < end; i++)
            {
                bool takeRight = left == middle || (right < end && IsBefore(from[right].Key, from[left].Key));
                to[i] = takeRight ? from[right++] : from[left++];
            }
        }

        bool IsBefore(Value a, Value b) => reverse ? Compare(b, a, "sort", budget) < 0 : Compare(a, b, "sort", budget) < 0;
    }

    private static bool TextsEqual(string a, string b, Budget budget)
    {
        if (a.Length != b.Length) return false;
        budget.Spend(a.Length / 64);
        return a == b;
    }

    private static bool ListsEqual(List<Value> a, List<Value> b, Budget budget)
    {
        if (a.Count != b.Count) return false;
        for (int i = 0; i < a.Count; i++)
            if (!AreEqual(a[i], b[i], budget)) return false;
        return true;
    }

    private static bool DictionariesEqual(DictValue a, DictValue b, Budget budget)
    {
        if (a.Items.Count != b.Items.Count) return false;
        foreach ((Value key, Value item) in a.Items)
            if (!b.Items.TryGetValue(key, out Value? other) || !AreEqual(item, other, budget)) return false;
        return true;
    }

    /// <summary>By code points, not by UTF-16 units: surrogates come after all else.</summary>
    private static int CompareTexts(string a, string b, Budget budget)
    {
        int shared = a.AsSpan().CommonPrefixLength(b);
        budget.Spend(shared / 64);
        if (shared == a.Length || shared == b.Length) return a.Length.CompareTo(b.Length);
        bool aHigh = char.IsSurrogate(a[shared]), bHigh = char.IsSurrogate(b[shared]);
        return aHigh == bHigh ? a[shared].CompareTo(b[shared]) : aHigh.CompareTo(bHigh);
    }

    private static int? CompareLists(List<Value> a, List<Value> b, string operation, Budget budget)
    {
        for (int i = 0; i < Math.Min(a.Count, b.Count); i++)
            if (!AreEqual(a[i], b[i], budget)) return Compare(a[i], b[i], operation, budget);
        return a.Count.CompareTo(b.Count);
    }
}

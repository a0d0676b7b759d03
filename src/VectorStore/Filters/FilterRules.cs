namespace Polymodal.VectorStore;

/// <summary>What a filter may be at most, so that one from outside can neither exhaust the stack nor the store.</summary>
internal static class FilterRules
{
    public const int MaxDepth = 64, MaxConditions = 1_000, MaxValues = 10_000, MaxLength = 10_000;

    /// <summary>The filter, unless it is too large or has a value that nothing can be compared with.</summary>
    /// <remarks>Filters are built from the inside out, so this walk never goes deeper than one level past the bound.</remarks>
    public static VectorFilter Checked(VectorFilter filter)
    {
        int conditions = 0, values = 0;
        Walk(filter, depth: 1);
        return filter;

        void Walk(VectorFilter part, int depth)
        {
            ArgumentNullException.ThrowIfNull(part, nameof(filter));
            if (depth > MaxDepth)
                throw new ArgumentException($"the filter has more than {MaxDepth} levels. Join conditions side by side with one And or Or.", nameof(filter));
            if (++conditions > MaxConditions)
                throw new ArgumentException($"the filter has more than {MaxConditions} conditions. Use AnyOf for many values of one key.", nameof(filter));
            switch (part)
            {
                case AnyOfFilter anyOf:
                    CheckText(anyOf.Key);
                    foreach (PayloadValue value in anyOf.Values)
                        CheckValue(value, anyOf.Key);
                    break;
                case RangeFilter range:
                    CheckText(range.Key);
                    if (range.Min.Kind == PayloadKind.None && range.Max.Kind == PayloadKind.None)
                        throw new ArgumentException("a range has neither a lower nor an upper bound. Give one, or use Exists.", nameof(filter));
                    foreach (PayloadValue bound in (PayloadValue[])[range.Min, range.Max])
                    {
                        if (bound.Kind != PayloadKind.None)
                            CheckValue(bound, range.Key);
                    }

                    break;
                case ExistsFilter exists:
                    CheckText(exists.Key);
                    break;
                case PrefixFilter prefix:
                    CheckText(prefix.Key);
                    CheckText(prefix.Prefix);
                    break;
                case WordsFilter words:
                    CheckText(words.Words);
                    break;
                case NotFilter not:
                    Walk(not.Filter, depth + 1);
                    break;
                case AndFilter and:
                    WalkAll(and.Filters, depth + 1);
                    break;
                case OrFilter or:
                    WalkAll(or.Filters, depth + 1);
                    break;
            }
        }

        void WalkAll(IReadOnlyList<VectorFilter> parts, int depth)
        {
            foreach (VectorFilter part in parts)
                Walk(part, depth);
        }

        void CheckValue(PayloadValue value, string key)
        {
            if (++values > MaxValues)
                throw new ArgumentException($"the filter has more than {MaxValues} values. Mark the records meant with a payload value of their own.", nameof(filter));
            if (value.Kind is PayloadKind.None or PayloadKind.TextList)
                throw new ArgumentException($"the condition on '{VectorRules.Shown(key)}' compares with {(value.Kind == PayloadKind.None ? "no value" : "a list")}. Compare with a single value; use Exists for presence.", nameof(filter));
            if (value.Kind == PayloadKind.Number && !double.IsFinite((double)value))
                throw new ArgumentException($"the condition on '{VectorRules.Shown(key)}' compares with {value}. Use a finite number.", nameof(filter));
            if (value.Kind == PayloadKind.Text)
                CheckText((string)value!);
        }
    }

    private static void CheckText(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length > MaxLength)
            throw new ArgumentException($"a key or text of the filter has {text.Length} characters. Use at most {MaxLength}.", nameof(text));
        if (VectorRules.WellFormed(text) != text)
            throw new ArgumentException("a key or text of the filter has an unpaired surrogate; no stored text has. Leave it out.", nameof(text));
    }
}

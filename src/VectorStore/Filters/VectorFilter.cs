using System.Linq.Expressions;

namespace Polymodal.VectorStore;

/// <summary>Which records are meant: conditions on their payload and text, joined by and, or, not. Built from the methods below, from a lambda (<see cref="Where"/>) or from JSON (<see cref="FromJson"/>).</summary>
/// <remarks>
/// <para>What a condition means is what <see cref="Matches"/> does, for every backend:
/// a condition on a key that the payload lacks is false, and so is one whose value is of another kind than the payload's (the text "5" is
/// not the number 5); <see cref="Not"/> of a false condition is true, so "not equal" also finds records without the key.
/// Whole and other numbers compare by value. On a list of texts a condition is true when it is for one of the texts.
/// Text compares by code points, case and accents matter; only <see cref="HasWords"/> looks at words.</para>
/// <para>A backend translates a filter by looking at its type: <see cref="AnyOfFilter"/>, <see cref="RangeFilter"/>, <see cref="PrefixFilter"/>,
/// <see cref="ExistsFilter"/>, <see cref="WordsFilter"/>, <see cref="AndFilter"/>, <see cref="OrFilter"/>, <see cref="NotFilter"/>; there are no others. What it cannot translate it leaves
/// to <see cref="Matches"/>. Values go into a statement as parameters only.</para>
/// Immutable and safe for concurrent use. A filter has at most 64 levels, 1,000 conditions and 10,000 values, each key and text at most 10,000 characters.
/// </remarks>
public abstract record VectorFilter
{
    private protected VectorFilter()
    {
    }

    /// <summary>Every record.</summary>
    public static VectorFilter All { get; } = new AndFilter([]);

    /// <summary>Records whose value under the key equals this one.</summary>
    /// <param name="key">The name in the payload.</param>
    /// <param name="value">Not a list: use <see cref="AnyOf"/> or <see cref="And"/>.</param>
    /// <exception cref="ArgumentException">The value is none or a list, or too large.</exception>
    public static VectorFilter Equal(string key, PayloadValue value) => AnyOf(key, value);

    /// <summary>Records whose value under the key is among these.</summary>
    /// <param name="key">The name in the payload.</param>
    /// <param name="values">None of them a list; without any, no record matches.</param>
    /// <exception cref="ArgumentException">A value is none or a list, or too large.</exception>
    public static VectorFilter AnyOf(string key, params IEnumerable<PayloadValue> values) => FilterRules.Checked(new AnyOfFilter(key, [.. values]));

    /// <summary>Records whose value under the key lies between two bounds.</summary>
    /// <param name="key">The name in the payload.</param>
    /// <param name="min">The lower bound, included unless <paramref name="excludeMin"/>; <c>default</c> for none.</param>
    /// <param name="max">The upper bound, included unless <paramref name="excludeMax"/>; <c>default</c> for none.</param>
    /// <param name="excludeMin">Whether the lower bound itself is outside.</param>
    /// <param name="excludeMax">Whether the upper bound itself is outside.</param>
    /// <exception cref="ArgumentException">There is no bound, or one is a list, or too large.</exception>
    public static VectorFilter Range(string key, PayloadValue min, PayloadValue max, bool excludeMin = false, bool excludeMax = false) =>
        FilterRules.Checked(new RangeFilter(key, min, max, excludeMin, excludeMax));

    /// <summary>Records that have a value under the key.</summary>
    /// <param name="key">The name in the payload.</param>
    public static VectorFilter Exists(string key) => FilterRules.Checked(new ExistsFilter(key));

    /// <summary>Records whose text under the key begins so.</summary>
    /// <param name="key">The name in the payload.</param>
    /// <param name="prefix">The beginning; case matters.</param>
    public static VectorFilter StartsWith(string key, string prefix) => FilterRules.Checked(new PrefixFilter(key, prefix));

    /// <summary>Records whose <see cref="VectorRecord.Text"/> has all of these words, in any order, found as a word search finds them.</summary>
    /// <param name="words">Words; without any, no record matches.</param>
    public static VectorFilter HasWords(string words) => FilterRules.Checked(new WordsFilter(words));

    /// <summary>Records that match all filters; without any, all records.</summary>
    /// <param name="filters">The filters.</param>
    /// <exception cref="ArgumentException">Together they are too large.</exception>
    public static VectorFilter And(params IEnumerable<VectorFilter> filters) => FilterRules.Checked(new AndFilter([.. filters]));

    /// <summary>Records that match one of the filters; without any, no record.</summary>
    /// <param name="filters">The filters.</param>
    /// <exception cref="ArgumentException">Together they are too large.</exception>
    public static VectorFilter Or(params IEnumerable<VectorFilter> filters) => FilterRules.Checked(new OrFilter([.. filters]));

    /// <summary>Records that do not match a filter.</summary>
    /// <param name="filter">The filter.</param>
    /// <exception cref="ArgumentException">It has too many levels.</exception>
    public static VectorFilter Not(VectorFilter filter) => FilterRules.Checked(new NotFilter(filter));

    /// <summary>The filter a lambda describes: <c>VectorFilter.Where(p =&gt; p["year"] &gt;= 2020 &amp;&amp; p["lang"] == "de")</c>.</summary>
    /// <param name="condition">
    /// Compares values of the payload (==, !=, &lt;, &lt;=, &gt;, &gt;=; with or without a cast) with constants and variables; <c>p.ContainsKey("k")</c>, <c>p["k"].StartsWith("a")</c>,
    /// <c>p["tags"].Contains("x")</c>, <c>list.Contains((string)p["lang"])</c>, a boolean <c>(bool)p["flag"]</c>; and &amp;&amp;, ||, !. It is read, never compiled or run.
    /// </param>
    /// <exception cref="NotSupportedException">The lambda holds something else; the message says what.</exception>
    /// <exception cref="ArgumentException">The filter is too large, or compares with a list.</exception>
    public static VectorFilter Where(Expression<Func<Payload, bool>> condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        return LambdaFilter.Read(condition);
    }

    /// <summary>The filter a JSON text describes.</summary>
    /// <param name="json">
    /// One of <c>{"key": "lang", "equals": "de"}</c>, <c>{"key": "lang", "in": ["de", "en"]}</c>, <c>{"key": "year", "from": 2020, "to": 2024}</c> (<c>above</c> and
    /// <c>below</c> leave the bound out), <c>{"key": "k", "exists": true}</c>, <c>{"key": "k", "startsWith": "a"}</c>, <c>{"words": "brown fox"}</c>,
    /// <c>{"and": […]}</c>, <c>{"or": […]}</c>, <c>{"not": {…}}</c>. A moment is <c>{"time": "2026-01-31T12:00:00Z"}</c>. At most 1,000,000 characters.
    /// </param>
    /// <exception cref="ArgumentException">It is not JSON, not of this form, or too large; the message says where.</exception>
    public static VectorFilter FromJson(string json) => JsonFilter.Read(json);

    /// <summary>The filter as JSON that <see cref="FromJson"/> reads.</summary>
    public string ToJson() => JsonFilter.Write(this);

    /// <summary>Whether a record is meant.</summary>
    /// <param name="record">The record.</param>
    /// <param name="tokenizer">How its collection finds words, see <see cref="VectorCollectionDefinition.Tokenizer"/>.</param>
    public abstract bool Matches(VectorRecord record, LexicalTokenizer tokenizer = LexicalTokenizer.Words);
}

/// <summary>The value under a key, or one of its texts, is among some values.</summary>
public sealed record AnyOfFilter : VectorFilter
{
    internal AnyOfFilter(string key, IReadOnlyList<PayloadValue> values) => (Key, Values) = (key, values);

    /// <summary>The name in the payload.</summary>
    public string Key { get; }

    /// <summary>The values; none of them a list.</summary>
    public IReadOnlyList<PayloadValue> Values { get; }

    /// <inheritdoc/>
    public override bool Matches(VectorRecord record, LexicalTokenizer tokenizer = LexicalTokenizer.Words)
    {
        ArgumentNullException.ThrowIfNull(record);
        PayloadValue found = record.Payload[Key];
        return found.Kind == PayloadKind.TextList ? found.Texts.Any(text => Values.Contains(text)) : found.Kind != PayloadKind.None && Values.Contains(found);
    }
}

/// <summary>The value under a key, or one of its texts, lies between bounds.</summary>
public sealed record RangeFilter : VectorFilter
{
    internal RangeFilter(string key, PayloadValue min, PayloadValue max, bool excludesMin, bool excludesMax) =>
        (Key, Min, Max, ExcludesMin, ExcludesMax) = (key, min, max, excludesMin, excludesMax);

    /// <summary>The name in the payload.</summary>
    public string Key { get; }

    /// <summary>The lower bound; of kind <see cref="PayloadKind.None"/> when there is none.</summary>
    public PayloadValue Min { get; }

    /// <summary>The upper bound; of kind <see cref="PayloadKind.None"/> when there is none.</summary>
    public PayloadValue Max { get; }

    /// <summary>Whether the lower bound itself is outside.</summary>
    public bool ExcludesMin { get; }

    /// <summary>Whether the upper bound itself is outside.</summary>
    public bool ExcludesMax { get; }

    /// <inheritdoc/>
    public override bool Matches(VectorRecord record, LexicalTokenizer tokenizer = LexicalTokenizer.Words)
    {
        ArgumentNullException.ThrowIfNull(record);
        PayloadValue found = record.Payload[Key];
        return found.Kind == PayloadKind.TextList ? found.Texts.Any(text => IsInside(text)) : IsInside(found);
    }

    private bool IsInside(PayloadValue value) =>
        (Min.Kind == PayloadKind.None || (ExcludesMin ? value > Min : value >= Min))
        && (Max.Kind == PayloadKind.None || (ExcludesMax ? value < Max : value <= Max));
}

/// <summary>There is a value under a key.</summary>
public sealed record ExistsFilter : VectorFilter
{
    internal ExistsFilter(string key) => Key = key;

    /// <summary>The name in the payload.</summary>
    public string Key { get; }

    /// <inheritdoc/>
    public override bool Matches(VectorRecord record, LexicalTokenizer tokenizer = LexicalTokenizer.Words)
    {
        ArgumentNullException.ThrowIfNull(record);
        return record.Payload.ContainsKey(Key);
    }
}

/// <summary>The text under a key, or one of its texts, has a certain beginning.</summary>
public sealed record PrefixFilter : VectorFilter
{
    internal PrefixFilter(string key, string prefix) => (Key, Prefix) = (key, prefix);

    /// <summary>The name in the payload.</summary>
    public string Key { get; }

    /// <summary>The beginning.</summary>
    public string Prefix { get; }

    /// <inheritdoc/>
    public override bool Matches(VectorRecord record, LexicalTokenizer tokenizer = LexicalTokenizer.Words)
    {
        ArgumentNullException.ThrowIfNull(record);
        return record.Payload[Key].StartsWith(Prefix);
    }
}

/// <summary>The record's text has all of some words.</summary>
public sealed record WordsFilter : VectorFilter
{
    internal WordsFilter(string words) => Words = words;

    /// <summary>The words, as they were given.</summary>
    public string Words { get; }

    /// <inheritdoc/>
    public override bool Matches(VectorRecord record, LexicalTokenizer tokenizer = LexicalTokenizer.Words)
    {
        ArgumentNullException.ThrowIfNull(record);
        HashSet<string> wanted = [.. LexicalTokens.Of(Words, tokenizer)];
        if (wanted.Count == 0 || record.Text is null)
            return false;
        wanted.ExceptWith(LexicalTokens.Of(record.Text, tokenizer));
        return wanted.Count == 0;
    }
}

/// <summary>All of some filters match.</summary>
public sealed record AndFilter : VectorFilter
{
    internal AndFilter(IReadOnlyList<VectorFilter> filters) => Filters = filters;

    /// <summary>The filters.</summary>
    public IReadOnlyList<VectorFilter> Filters { get; }

    /// <inheritdoc/>
    public override bool Matches(VectorRecord record, LexicalTokenizer tokenizer = LexicalTokenizer.Words) => Filters.All(filter => filter.Matches(record, tokenizer));
}

/// <summary>One of some filters matches.</summary>
public sealed record OrFilter : VectorFilter
{
    internal OrFilter(IReadOnlyList<VectorFilter> filters) => Filters = filters;

    /// <summary>The filters.</summary>
    public IReadOnlyList<VectorFilter> Filters { get; }

    /// <inheritdoc/>
    public override bool Matches(VectorRecord record, LexicalTokenizer tokenizer = LexicalTokenizer.Words) => Filters.Any(filter => filter.Matches(record, tokenizer));
}

/// <summary>A filter does not match.</summary>
public sealed record NotFilter : VectorFilter
{
    internal NotFilter(VectorFilter filter) => Filter = filter;

    /// <summary>The filter.</summary>
    public VectorFilter Filter { get; }

    /// <inheritdoc/>
    public override bool Matches(VectorRecord record, LexicalTokenizer tokenizer = LexicalTokenizer.Words) => !Filter.Matches(record, tokenizer);
}

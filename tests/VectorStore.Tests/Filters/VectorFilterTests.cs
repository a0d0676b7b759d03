using System.Linq.Expressions;

namespace Polymodal.VectorStore.Tests.Filters;

public sealed class VectorFilterTests
{
    private static readonly string[] Languages = ["de", "en"];
    private static readonly DateTimeOffset NewYear = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static TheoryData<string, Expression<Func<Payload, bool>>, string> Lambdas()
    {
        int year = 2020;
        string prefix = "a";
        var settings = new { Limits = new { Year = 2021L } };
        List<long> years = [1999, 2000];
        return new()
        {
            { "cast", p => (long)p["year"] >= 2020, """{"key":"year","from":2020}""" },
            { "no cast", p => p["year"] > year, """{"key":"year","above":2020}""" },
            { "value first", p => year >= p["year"], """{"key":"year","to":2020}""" },
            { "double", p => (double)p["x"] < 0.5, """{"key":"x","below":0.5}""" },
            { "nested variable", p => (long)p["year"] == settings.Limits.Year, """{"key":"year","equals":2021}""" },
            { "text", p => p["lang"] == "de", """{"key":"lang","equals":"de"}""" },
            { "cast text", p => (string?)p["lang"] != "de", """{"not":{"key":"lang","equals":"de"}}""" },
            { "absent", p => (string?)p["lang"] == null, """{"not":{"key":"lang","exists":true}}""" },
            { "present", p => (string?)p["lang"] != null, """{"not":{"not":{"key":"lang","exists":true}}}""" },
            { "flag", p => (bool)p["draft"], """{"key":"draft","equals":true}""" },
            { "not flag", p => !(bool)p["draft"], """{"not":{"key":"draft","equals":true}}""" },
            { "flag compared", p => p["draft"] == false, """{"key":"draft","equals":false}""" },
            { "time", p => p["at"] < NewYear, """{"key":"at","below":{"time":"2026-01-01T00:00:00.0000000+00:00"}}""" },
            { "key", p => p.ContainsKey("k"), """{"key":"k","exists":true}""" },
            { "prefix", p => p["k"].StartsWith(prefix), """{"key":"k","startsWith":"a"}""" },
            { "prefix of a cast", p => ((string)p["k"]!).StartsWith("bc", StringComparison.Ordinal), """{"key":"k","startsWith":"bc"}""" },
            { "list has", p => p["tags"].Contains("x"), """{"key":"tags","equals":"x"}""" },
            { "in a static array", p => Languages.Contains((string)p["lang"]!), """{"key":"lang","in":["de","en"]}""" },
            { "in a list", p => years.Contains((long)p["year"]), """{"key":"year","in":[1999,2000]}""" },
            { "in a new array", p => new[] { "x", prefix }.Contains((string)p["k"]!), """{"key":"k","in":["x","a"]}""" },
            { "and, or, not", p => p["a"] == 1 && (p["b"] == 2 || !(p["c"] == 3)) && p["d"] == 4, """{"and":[{"key":"a","equals":1},{"or":[{"key":"b","equals":2},{"not":{"key":"c","equals":3}}]},{"key":"d","equals":4}]}""" },
            { "constant", p => true, """{"and":[]}""" },
        };
    }

    [Theory, MemberData(nameof(Lambdas), DisableDiscoveryEnumeration = true)]
    public void A_lambda_is_read_as_the_filter_it_says(string name, Expression<Func<Payload, bool>> lambda, string json)
    {
        Assert.NotEmpty(name);
        Assert.Equal(json, VectorFilter.Where(lambda).ToJson());
        Assert.Equal(json, VectorFilter.FromJson(json).ToJson());
    }

    [Fact]
    public void What_a_lambda_may_not_hold_is_named()
    {
        string text = "abc";
        Expression<Func<Payload, bool>>[] foreign =
        [
            p => p["a"] == text.ToUpperInvariant(), p => p.Count > 3, p => p["a"] == p["b"], p => text.StartsWith(text), p => ((string)p["a"]!).EndsWith(text),
            p => ((string)p["a"]!).StartsWith(text, StringComparison.OrdinalIgnoreCase), p => (long)p["a"] + 1 == 2, p => p["a"].ToString() == "x",
        ];
        Assert.All(foreign, lambda => Assert.Contains("cannot be read", Assert.Throws<NotSupportedException>(() => VectorFilter.Where(lambda)).Message, StringComparison.Ordinal));
    }

    [Fact]
    public void A_lambda_and_the_payload_itself_agree()
    {
        Expression<Func<Payload, bool>> condition = p => p["year"] >= 2020 && p["lang"] != "de" && !p["tags"].Contains("draft");
        VectorFilter filter = VectorFilter.Where(condition);
        Payload[] payloads =
        [
            Payload.Empty, new() { ["year"] = 2020 }, new() { ["year"] = 2020.5, ["lang"] = "de" }, new() { ["year"] = "2021" }, new() { ["year"] = 2019.999 },
            new() { ["year"] = 2021, ["tags"] = new[] { "a", "draft" } }, new() { ["year"] = 2021, ["tags"] = new[] { "a" } }, new() { ["year"] = 2021, ["tags"] = "draft" },
        ];
        Assert.All(payloads, payload => Assert.Equal(condition.Compile()(payload), filter.Matches(new VectorRecord { Id = 1, Payload = payload })));
    }

    [Theory]
    [InlineData("", "JSON")]
    [InlineData("[]", "$ is Array")]
    [InlineData("{}", "no condition")]
    [InlineData("""{"key":"a"}""", "'key'")]
    [InlineData("""{"key":"a","equals":1,"in":[1]}""", "no condition")]
    [InlineData("""{"key":1,"equals":1}""", "$.key is Number")]
    [InlineData("""{"key":"a","equals":{"x":1}}""", "'a'")]
    [InlineData("""{"key":"a","equals":null}""", "no value")]
    [InlineData("""{"key":"a","equals":["x"]}""", "a list")]
    [InlineData("""{"key":"a","equals":1e999}""", "a")]
    [InlineData("""{"key":"a","in":"x"}""", "$.in is String")]
    [InlineData("""{"key":"a","exists":1}""", "$.exists")]
    [InlineData("""{"key":"a","from":null}""", "bound")]
    [InlineData("""{"and":[{"or":[{"key":"a","matches":"x"}]}]}""", "$.and[0].or[0]")]
    [InlineData("""{"key":"a","equals":1,"equals":2}""", "cannot be read")]
    [InlineData("""{"key":"\ud800","exists":true}""", "")]
    public void A_bad_JSON_filter_is_refused_with_its_place(string json, string says)
    {
        ArgumentException error = Assert.ThrowsAny<ArgumentException>(() => VectorFilter.FromJson(json));
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.InRange(error.Message.Length, 20, 600);
    }

    [Fact]
    public void Hostile_filters_are_refused()
    {
        VectorFilter one = VectorFilter.Exists("k"), deep = one;
        for (int level = 1; level < 64; level++)
            deep = VectorFilter.Not(deep);
        Assert.Equal(deep.ToJson(), VectorFilter.FromJson(deep.ToJson()).ToJson());
        Assert.Throws<ArgumentException>(() => VectorFilter.Not(deep));
        foreach (int levels in (int[])[64, 1_000, 100_000])
            Assert.ThrowsAny<ArgumentException>(() => VectorFilter.FromJson(string.Concat(Enumerable.Repeat("""{"not":""", levels)) + """{"key":"k","exists":true}""" + new string('}', levels)));
        Assert.Throws<ArgumentException>(() => VectorFilter.Or(Enumerable.Repeat(one, 1_000)));
        Assert.Throws<ArgumentException>(() => VectorFilter.AnyOf("k", Enumerable.Range(0, 10_001).Select(i => (PayloadValue)i)));
        Assert.Throws<ArgumentException>(() => VectorFilter.Exists(new string('x', 10_001)));
        Assert.Throws<ArgumentException>(() => VectorFilter.FromJson(new string(' ', 1_000_001)));
        Assert.Throws<ArgumentException>(() => VectorFilter.Equal("k", new[] { "a" }));
        Assert.Throws<ArgumentException>(() => VectorFilter.Equal("k", double.NaN));
        Assert.Throws<ArgumentException>(() => VectorFilter.Range("k", default, default));

        ParameterExpression payload = Expression.Parameter(typeof(Payload), "p");
        Expression condition = Expression.Call(payload, nameof(Payload.ContainsKey), null, Expression.Constant("k"));
        for (int level = 0; level < 100_000; level++)
            condition = Expression.AndAlso(condition, Expression.Call(payload, nameof(Payload.ContainsKey), null, Expression.Constant("k")));
        Assert.Throws<ArgumentException>(() => VectorFilter.Where(Expression.Lambda<Func<Payload, bool>>(condition, payload)));
        condition = Expression.Call(payload, nameof(Payload.ContainsKey), null, Expression.Constant("k"));
        for (int level = 0; level < 100_000; level++)
            condition = Expression.Not(condition);
        Assert.Throws<ArgumentException>(() => VectorFilter.Where(Expression.Lambda<Func<Payload, bool>>(condition, payload)));
    }
}

using System.Net;
using System.Text.Json;

namespace Polymodal.Samples.RagDemo.Tests;

public sealed class ProgramTests(IndexedDemo indexed) : IClassFixture<IndexedDemo>
{
    private readonly RunningDemo _demo = indexed.Demo;

    [Fact]
    public async Task An_answer_is_quoted_word_for_word_and_cited_to_its_place()
    {
        JsonElement result = await _demo.AskAsync("What do the workers do with the drones in autumn?");

        JsonElement quote = result.GetProperty("quotes")[0];
        Assert.Equal("In autumn the workers push the remaining drones out of the hive.", quote.GetProperty("text").GetString());
        JsonElement passage = result.GetProperty("passages")[quote.GetProperty("number").GetInt32() - 1];
        Assert.Equal("bees.md", passage.GetProperty("source").GetString());
        Assert.Equal("Bees › Drones", passage.GetProperty("title").GetString());
        Assert.InRange(passage.GetProperty("score").GetDouble(), 0.4, 1);
        Assert.False(result.GetProperty("isIndexing").GetBoolean());

        // The place holds in the document as it is served.
        string document = (await _demo.GetAsync("api/document?source=bees.md")).GetProperty("text").GetString()!;
        Assert.Equal(IndexedDemo.Bees, document);
        string text = passage.GetProperty("text").GetString()!;
        Assert.Equal(text, document.Substring(passage.GetProperty("start").GetInt32(), text.Length));
        Assert.Contains(passage.GetProperty("marks").EnumerateArray(), mark =>
            text.Substring(mark.GetProperty("start").GetInt32(), mark.GetProperty("length").GetInt32()) == quote.GetProperty("text").GetString());
    }

    [Fact]
    public async Task Passages_come_best_first_as_many_as_asked()
    {
        List<JsonElement> passages = [.. (await _demo.AskAsync("braking distance of a train", "&k=2")).GetProperty("passages").EnumerateArray()];

        Assert.Equal(["far/away/trains.txt", "bees.md"], passages.Select(passage => passage.GetProperty("source").GetString()));
        Assert.True(passages[0].GetProperty("score").GetDouble() > passages[1].GetProperty("score").GetDouble());
        Assert.Equal("trains", passages[0].GetProperty("title").GetString());
    }

    [Fact]
    public async Task A_question_about_other_things_gets_no_answer_but_the_nearest_passages()
    {
        JsonElement result = await _demo.AskAsync("Who won the football world cup in 1998?");

        Assert.Empty(result.GetProperty("quotes").EnumerateArray());
        Assert.NotEmpty(result.GetProperty("passages").EnumerateArray());
    }

    [Theory]
    [InlineData(400, "api/ask", "question is empty")]
    [InlineData(400, "api/ask?q=%20%0A", "question is empty")]
    [InlineData(400, "api/ask?q=bees&k=0", "1 to 20")]
    [InlineData(400, "api/ask?q=bees&k=21", "1 to 20")]
    [InlineData(400, "api/ask?q=bees&k=many", "1 to 20")]
    [InlineData(404, "api/document", "no such document")]
    [InlineData(404, "api/document?source=no.md", "no such document")]
    [InlineData(404, "api/document?source=../ragdemo.db", "no such document")]
    [InlineData(404, "api/document?source=..%2Fdocuments%2Fbees.md", "no such document")]
    [InlineData(404, "api/document?source=%2Fetc%2Fpasswd", "no such document")]
    public async Task Bad_input_is_a_problem_that_says_what_to_do(int status, string path, string expected)
    {
        JsonElement problem = await _demo.GetAsync(path, (HttpStatusCode)status);
        Assert.Contains(expected, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_question_of_a_thousand_characters_is_answered_and_a_longer_one_refused()
    {
        await _demo.AskAsync(new string('b', 1_000));
        JsonElement problem = await _demo.GetAsync($"api/ask?q={new string('b', 1_001)}", HttpStatusCode.BadRequest);
        Assert.Contains("1001 characters", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\0")]
    [InlineData("🐝🐝🐝")]
    [InlineData("蜜蜂为什么")]
    [InlineData("<script>alert(1)</script>")]
    public async Task Strange_questions_are_answered_too(string question)
    {
        Assert.Equal(question, (await _demo.AskAsync(question)).GetProperty("question").GetString());
    }

    [Theory]
    [InlineData("Corpus/bees.md")]
    [InlineData("../Program.cs")]
    [InlineData("%2e%2e/appsettings.json")]
    [InlineData("data/")]
    public async Task Nothing_beside_the_page_is_served(string path)
    {
        using HttpResponseMessage response = await _demo.Client.GetAsync(new Uri(path, UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task The_page_runs_only_its_own_scripts_and_answers_only_local_names()
    {
        using HttpResponseMessage page = await _demo.Client.GetAsync(new Uri("/", UriKind.Relative));
        Assert.Contains("script-src 'self'", Assert.Single(page.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        Assert.Equal("127.0.0.1", _demo.Address.Host);

        using var rebound = new HttpRequestMessage(HttpMethod.Get, new Uri("api/status", UriKind.Relative)) { Headers = { Host = "evil.example" } };
        using HttpResponseMessage refused = await _demo.Client.SendAsync(rebound);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
    }
}

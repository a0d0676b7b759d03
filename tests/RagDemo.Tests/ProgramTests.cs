using System.Net;
using System.Text.Json;

namespace Polymodal.Samples.RagDemo.Tests;

public sealed class ProgramTests : IDisposable
{
    private const string Bees = """
        # Bees

        ## Drones

        Drones are the male bees. In autumn the workers push the remaining drones out of the hive.

        ## Beeswax

        Young workers sweat tiny flakes of wax from glands under the abdomen.

        """;

    private const string Trains = "A passenger train at 160 kilometres an hour needs about a kilometre to stop. Steel wheels grip steel rails far less than rubber grips a road.\n";

    private readonly TemporaryFolder _folder = new();

    public ProgramTests()
    {
        _folder.Write("bees.md", Bees);
        _folder.Write("far/away/trains.txt", Trains);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_answer_is_quoted_word_for_word_and_cited_to_its_place()
    {
        await using RunningDemo demo = await RunningDemo.StartAsync(_folder);
        await demo.Indexed;

        JsonElement result = await demo.AskAsync("What do the workers do with the drones in autumn?");

        JsonElement quote = result.GetProperty("quotes")[0];
        Assert.Equal("In autumn the workers push the remaining drones out of the hive.", quote.GetProperty("text").GetString());
        JsonElement passage = result.GetProperty("passages")[quote.GetProperty("number").GetInt32() - 1];
        Assert.Equal("bees.md", passage.GetProperty("source").GetString());
        Assert.Equal("Bees › Drones", passage.GetProperty("title").GetString());
        Assert.InRange(passage.GetProperty("score").GetDouble(), 0.4, 1);
        Assert.False(result.GetProperty("isIndexing").GetBoolean());

        // The place holds in the document as it is served.
        string document = (await demo.GetAsync("api/document?source=bees.md")).GetProperty("text").GetString()!;
        Assert.Equal(Bees, document);
        string text = passage.GetProperty("text").GetString()!;
        Assert.Equal(text, document.Substring(passage.GetProperty("start").GetInt32(), text.Length));
        Assert.Contains(passage.GetProperty("marks").EnumerateArray(), mark =>
            text.Substring(mark.GetProperty("start").GetInt32(), mark.GetProperty("length").GetInt32()) == quote.GetProperty("text").GetString());
    }

    [Fact]
    public async Task Passages_come_best_first_as_many_as_asked()
    {
        await using RunningDemo demo = await RunningDemo.StartAsync(_folder);
        await demo.Indexed;

        List<JsonElement> passages = [.. (await demo.AskAsync("braking distance of a train", "&k=2")).GetProperty("passages").EnumerateArray()];

        Assert.Equal(["far/away/trains.txt", "bees.md"], passages.Select(passage => passage.GetProperty("source").GetString()));
        Assert.True(passages[0].GetProperty("score").GetDouble() > passages[1].GetProperty("score").GetDouble());
        Assert.Equal("trains", passages[0].GetProperty("title").GetString());
    }

    [Fact]
    public async Task A_question_about_other_things_gets_no_answer_but_the_nearest_passages()
    {
        await using RunningDemo demo = await RunningDemo.StartAsync(_folder);
        await demo.Indexed;

        JsonElement result = await demo.AskAsync("Who won the football world cup in 1998?");

        Assert.Empty(result.GetProperty("quotes").EnumerateArray());
        Assert.NotEmpty(result.GetProperty("passages").EnumerateArray());
    }

    [Theory]
    [InlineData("api/ask", "question is empty")]
    [InlineData("api/ask?q=%20%0A", "question is empty")]
    [InlineData("api/ask?q=bees&k=0", "1 to 20")]
    [InlineData("api/ask?q=bees&k=21", "1 to 20")]
    [InlineData("api/ask?q=bees&k=many", "1 to 20")]
    public async Task Bad_input_is_a_problem_that_says_what_to_do(string path, string expected)
    {
        await using RunningDemo demo = await RunningDemo.StartAsync(_folder);
        JsonElement problem = await demo.GetAsync(path, HttpStatusCode.BadRequest);
        Assert.Contains(expected, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_question_of_a_thousand_characters_is_answered_and_a_longer_one_refused()
    {
        await using RunningDemo demo = await RunningDemo.StartAsync(_folder);
        await demo.AskAsync(new string('b', 1_000));
        JsonElement problem = await demo.GetAsync($"api/ask?q={new string('b', 1_001)}", HttpStatusCode.BadRequest);
        Assert.Contains("1001 characters", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\0")]
    [InlineData("🐝🐝🐝")]
    [InlineData("蜜蜂为什么")]
    [InlineData("<script>alert(1)</script>")]
    public async Task Strange_questions_are_answered_too(string question)
    {
        await using RunningDemo demo = await RunningDemo.StartAsync(_folder);
        await demo.Indexed;
        Assert.Equal(question, (await demo.AskAsync(question)).GetProperty("question").GetString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("no.md")]
    [InlineData("../ragdemo.db")]
    [InlineData("../documents/bees.md")]
    [InlineData("/etc/passwd")]
    public async Task Only_documents_of_the_folder_are_served(string source)
    {
        await using RunningDemo demo = await RunningDemo.StartAsync(_folder);
        JsonElement problem = await demo.GetAsync($"api/document?source={Uri.EscapeDataString(source)}", HttpStatusCode.NotFound);
        Assert.Contains("no such document", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Corpus/bees.md")]
    [InlineData("../Program.cs")]
    [InlineData("%2e%2e/appsettings.json")]
    [InlineData("data/")]
    public async Task Nothing_beside_the_page_is_served(string path)
    {
        await using RunningDemo demo = await RunningDemo.StartAsync(_folder);
        using HttpResponseMessage response = await demo.Client.GetAsync(new Uri(path, UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task The_page_runs_only_its_own_scripts_and_answers_only_local_names()
    {
        await using RunningDemo demo = await RunningDemo.StartAsync(_folder);

        using HttpResponseMessage page = await demo.Client.GetAsync(new Uri("/", UriKind.Relative));
        Assert.Contains("script-src 'self'", Assert.Single(page.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        Assert.Equal("127.0.0.1", demo.Address.Host);

        using var rebound = new HttpRequestMessage(HttpMethod.Get, new Uri("api/status", UriKind.Relative)) { Headers = { Host = "evil.example" } };
        using HttpResponseMessage refused = await demo.Client.SendAsync(rebound);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
    }

    [Fact]
    public async Task A_restart_embeds_only_what_changed_and_forgets_what_vanished()
    {
        _folder.Write("gone.txt", "The harp has forty-seven strings.");
        await using (RunningDemo first = await RunningDemo.StartAsync(_folder))
            await first.Indexed;

        File.Delete(Path.Combine(_folder.Documents, "gone.txt"));
        _folder.Write("far/away/trains.txt", Trains + "\nThe Shinkansen began in 1964.\n");
        using var output = new CapturedConsole();
        await using RunningDemo second = await RunningDemo.StartAsync(_folder);
        await second.Indexed;

        Assert.Contains("1 passages embedded; documents added 0, changed 1, unchanged 1, removed 1", output.Text, StringComparison.Ordinal);
        JsonElement status = await second.GetAsync("api/status");
        Assert.Equal((2, 3), (status.GetProperty("documents").GetInt32(), status.GetProperty("passages").GetInt32()));
        Assert.Equal(status.GetProperty("passagesTotal").GetInt32(), status.GetProperty("passagesDone").GetInt32());
        Assert.DoesNotContain((await second.AskAsync("how many strings has a harp")).GetProperty("passages").EnumerateArray(),
            passage => passage.GetProperty("source").GetString() == "gone.txt");
    }

    [Fact]
    public async Task Two_folders_in_one_database_do_not_disturb_each_other()
    {
        using var other = new TemporaryFolder();
        other.Write("harp.txt", "The harp has forty-seven strings.");
        await using (RunningDemo first = await RunningDemo.StartAsync(_folder))
            await first.Indexed;
        await using (RunningDemo second = await RunningDemo.StartAsync(new DemoOptions { Folder = other.Documents, Database = _folder.Database, Port = 0 }))
            await second.Indexed;

        using var output = new CapturedConsole();
        await using RunningDemo again = await RunningDemo.StartAsync(_folder);
        await again.Indexed;
        Assert.Contains("0 passages embedded", output.Text, StringComparison.Ordinal);
        Assert.Equal(3, (await again.GetAsync("api/status")).GetProperty("passages").GetInt32());
    }

    [Fact]
    public async Task The_corpus_that_ships_answers_its_own_examples()
    {
        await using RunningDemo demo = await RunningDemo.StartAsync(new DemoOptions { Database = _folder.Database, Port = 0 });
        await demo.Indexed;

        JsonElement status = await demo.GetAsync("api/status");
        Assert.InRange(status.GetProperty("passages").GetInt32(), 300, int.MaxValue);
        foreach (JsonElement example in status.GetProperty("examples").EnumerateArray())
            Assert.NotEmpty((await demo.AskAsync(example.GetString()!)).GetProperty("quotes").EnumerateArray());
    }
}

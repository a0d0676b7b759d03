using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Polymodal.Samples.RagDemo.Tests;

public sealed partial class BrowserTests(Browser browser) : IClassFixture<Browser>, IDisposable
{
    private const string Question = "What do the workers do with the drones in autumn?";
    private const string Answer = "In autumn the workers push the remaining drones out of the hive.";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [BrowserFact]
    public async Task A_visitor_types_a_question_reads_the_answer_and_opens_its_source()
    {
        await using RunningDemo demo = await StartIndexedAsync();
        IPage page = await OpenAsync(demo);

        await page.GetByLabel("Your question").FillAsync(Question);
        await page.GetByLabel("Your question").PressAsync("Enter");

        await Expect(page.Locator("#answer blockquote").First).ToHaveTextAsync(Answer);
        ILocator passage = page.Locator("#passage-list > li").Filter(new() { HasText = "Bees › Drones" });
        await Expect(passage.Locator("mark")).ToContainTextAsync([Answer]);
        await Expect(passage.Locator(".score")).ToHaveTextAsync(Score());

        await passage.GetByRole(AriaRole.Button, new() { NameRegex = OpenSource() }).ClickAsync();
        ILocator source = page.GetByRole(AriaRole.Dialog);
        await Expect(source.GetByRole(AriaRole.Heading, new() { Name = "Bees", Exact = true }).First).ToBeVisibleAsync();
        await Expect(source.Locator(".here")).ToContainTextAsync("Drones are the male bees.");
        await Expect(source.Locator("mark").Filter(new() { HasText = Answer })).ToBeInViewportAsync();
        // The whole document is there, not the passage alone.
        await Expect(source).ToContainTextAsync("Passage 80 of a long file");

        await page.Keyboard.PressAsync("Escape");
        await Expect(source).ToBeHiddenAsync();
    }

    [BrowserFact]
    public async Task Everything_can_be_done_with_the_keyboard()
    {
        await using RunningDemo demo = await StartIndexedAsync();
        IPage page = await OpenAsync(demo);

        await Expect(page.GetByLabel("Your question")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync(Question);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#answer blockquote").First).ToHaveTextAsync(Answer);

        await page.Keyboard.PressAsync("Tab"); // the Ask button
        await page.Keyboard.PressAsync("Tab"); // the first citation
        await Expect(page.Locator(".cite").First).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#source-text")).ToBeFocusedAsync();
        await Expect(page.Locator("#source-text mark").Filter(new() { HasText = Answer })).ToBeInViewportAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Locator(".cite").First).ToBeFocusedAsync();
    }

    [BrowserFact]
    public async Task Progress_is_shown_while_documents_are_read_and_asking_says_so()
    {
        _folder.WritePassages("notes.md", 600, words: 40);
        await using RunningDemo demo = await RunningDemo.StartAsync(_folder);
        IPage page = await OpenAsync(demo);

        await Expect(page.GetByRole(AriaRole.Progressbar)).ToBeVisibleAsync();
        await Expect(page.Locator("#indexing-text")).ToContainTextAsync("of 600 passages");
        await Expect(page.Locator("#facts")).ToContainTextAsync(SomePassages());
        await page.GetByLabel("Your question").FillAsync("a river and a lantern");
        await page.GetByLabel("Your question").PressAsync("Enter");
        await Expect(page.Locator("#answer .note")).ToContainTextAsync("still under way");

        await demo.Indexed;
        await Expect(page.GetByRole(AriaRole.Progressbar)).ToBeHiddenAsync();
        await Expect(page.Locator("#facts")).ToContainTextAsync("600 passages");
    }

    [BrowserFact]
    public async Task Markup_in_documents_and_questions_is_shown_as_text()
    {
        const string Markup = "<script>document.title = 'taken'</script><img src=x onerror=\"document.title = 'taken'\"> is how an attack on a web page looks.";
        _folder.Write("<b>attack.md", $"# <i>Attacks</i>\n\n{Markup}\n");
        await using RunningDemo demo = await RunningDemo.StartAsync(_folder);
        await demo.Indexed;
        IPage page = await OpenAsync(demo);

        await page.GetByLabel("Your question").FillAsync("<b>what</b> does an attack on a web page look like");
        await page.GetByLabel("Your question").PressAsync("Enter");

        await Expect(page.Locator("#answer blockquote").First).ToHaveTextAsync(Markup);
        await Expect(page.Locator(".passage-text").First).ToHaveTextAsync(Markup);
        await page.Locator(".cite").First.ClickAsync();
        await Expect(page.Locator("#source-text mark")).ToHaveTextAsync(Markup);
        await Expect(page.Locator("#source-title")).ToHaveTextAsync("<i>Attacks</i>");
        await Expect(page.Locator("main script, main img, main b, main i:not(.bar i), dialog script, dialog img, dialog i")).ToHaveCountAsync(0);
        await Expect(page).Not.ToHaveTitleAsync("taken");
    }

    [BrowserFact]
    public async Task Nothing_scrolls_sideways_on_a_narrow_screen()
    {
        _folder.Write("long.txt", $"An unbroken word of great length: {new string('m', 400)}.");
        await using RunningDemo demo = await StartIndexedAsync();
        IPage page = await OpenAsync(demo, width: 360);
        await ExpectNoSidewaysScrollAsync(page);

        await page.GetByLabel("Your question").FillAsync("an unbroken word of great length");
        await page.GetByRole(AriaRole.Button, new() { Name = "Ask", Exact = true }).ClickAsync();
        await Expect(page.Locator("#answer blockquote").First).ToContainTextAsync("mmmm");
        await ExpectNoSidewaysScrollAsync(page);

        await page.Locator(".cite").First.ClickAsync();
        await Expect(page.Locator("#source-text mark")).ToBeInViewportAsync();
        await ExpectNoSidewaysScrollAsync(page);
    }

    [BrowserFact]
    public async Task No_answer_an_empty_question_and_a_stopped_program_are_said_plainly()
    {
        IPage page;
        await using (RunningDemo demo = await StartIndexedAsync())
        {
            page = await OpenAsync(demo);
            await page.GetByRole(AriaRole.Button, new() { Name = "Ask", Exact = true }).ClickAsync();
            await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("The question is empty");

            await page.GetByLabel("Your question").FillAsync("Who won the football world cup in 1998?");
            await page.GetByLabel("Your question").PressAsync("Enter");
            await Expect(page.Locator("#answer")).ToContainTextAsync("do not seem to answer");
            await Expect(page.Locator("#answer blockquote")).ToHaveCountAsync(0);
            await Expect(page.GetByRole(AriaRole.Alert)).ToBeHiddenAsync();
        }

        await page.GetByLabel("Your question").PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("does not answer");
    }

    [BrowserFact]
    public async Task An_example_is_a_question_to_click_and_the_address_keeps_it()
    {
        await using RunningDemo demo = await RunningDemo.StartAsync(new DemoOptions { Database = _folder.Database, Port = 0 });
        await demo.Indexed;
        IPage page = await OpenAsync(demo);

        ILocator example = page.Locator("#examples button").First;
        string question = await example.InnerTextAsync();
        await example.ClickAsync();
        await Expect(page.Locator("#answer blockquote").First).ToBeVisibleAsync();

        await page.ReloadAsync();
        await Expect(page.GetByLabel("Your question")).ToHaveValueAsync(question);
        await Expect(page.Locator("#answer blockquote").First).ToBeVisibleAsync();
        await page.GoBackAsync();
        await Expect(page.Locator("#answer")).ToBeHiddenAsync();
        await Expect(example).ToBeVisibleAsync();
    }

    private async Task<RunningDemo> StartIndexedAsync()
    {
        _folder.Write("bees.md", "# Bees\n\n" + string.Concat(Enumerable.Range(1, 80).Select(number =>
            number == 40 ? $"## Drones\n\nDrones are the male bees. {Answer}\n\n" : $"## Section {number}\n\nPassage {number} of a long file, about nothing.\n\n")));
        RunningDemo demo = await RunningDemo.StartAsync(_folder);
        await demo.Indexed;
        return demo;
    }

    private async Task<IPage> OpenAsync(RunningDemo demo, int width = 1_200)
    {
        IPage page = await browser.NewPageAsync(width);
        await page.GotoAsync(demo.Address.AbsoluteUri);
        return page;
    }

    private static async Task ExpectNoSidewaysScrollAsync(IPage page)
    {
        const string Widest = "Math.max(...[document.documentElement, document.querySelector('#source-text')].map(e => e.scrollWidth - e.clientWidth))";
        Assert.Equal(0, await page.EvaluateAsync<int>(Widest));
    }

    [GeneratedRegex(@"0\.\d\d$")]
    private static partial Regex Score();

    [GeneratedRegex("^Open the source")]
    private static partial Regex OpenSource();

    [GeneratedRegex("[1-9][0-9]* passages")]
    private static partial Regex SomePassages();
}

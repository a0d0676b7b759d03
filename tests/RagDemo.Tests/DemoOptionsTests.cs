namespace Polymodal.Samples.RagDemo.Tests;

public sealed class DemoOptionsTests
{
    [Fact]
    public void Values_follow_their_option_or_an_equals_sign()
    {
        DemoOptions options = DemoOptions.Parse(["--port", "0", "--max-database-bytes=2000000", "--folder=a=b"]);
        Assert.Equal((0, 2_000_000L, Path.GetFullPath("a=b")), (options.Port, options.MaxDatabaseBytes, options.Folder));
    }

    [Theory]
    [InlineData("'--colour' is not an option", "--colour")]
    [InlineData("'notes' is not an option", "notes")]
    [InlineData("--folder has no value", "--folder")]
    [InlineData("--folder has no value", "--folder", "--port", "1")]
    [InlineData("--folder has no value", "--folder=")]
    [InlineData("--port must be a number from 0 to 65535", "--port", "65536")]
    [InlineData("--port must be a number from 0 to 65535", "--port", "eighty")]
    [InlineData("--max-database-bytes must be a number from 1048576", "--max-database-bytes", "1048575")]
    [InlineData("both given", "--port", "1", "--urls", "http://127.0.0.1:2")]
    public void A_command_line_that_says_nothing_clear_is_refused(string expected, params string[] args) =>
        Assert.Contains(expected, Assert.Throws<DemoException>(() => DemoOptions.Parse(args)).Message, StringComparison.Ordinal);
}

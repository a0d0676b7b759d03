using System.Text.Json.Nodes;

namespace Polymodal.Evaluation.Parity.Tests;

/// <summary>A record of a tokenizer that is changed in one place fails there and nowhere else.</summary>
public sealed class TokenizerReferenceTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("polymodal-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("ids"), InlineData("attention_mask"), InlineData("type_ids"), InlineData("special_tokens_mask"), InlineData("word_ids"), InlineData("sequence_ids"), InlineData("offsets"), InlineData("tokens")]
    public void One_changed_value_of_an_encoding_fails_its_case_alone(string field)
    {
        string record = Copy("trained/wordpiece-uncased");
        JsonNode json = JsonNode.Parse(File.ReadAllText(record))!;
        JsonNode changed = json["cases"]!.AsArray().First(item => item!["id"]!.GetValue<string>() == "plain-01")!;
        JsonArray values = changed["encoding"]![field]!.AsArray();
        values[2] = field switch { "offsets" => new JsonArray(1, 2), "tokens" => "other", _ => 77 };
        File.WriteAllText(record, json.ToJsonString());
        ParityRow[] failed = [.. Rows(record).Where(row => row.Verdict != ParityVerdict.Pass)];
        Assert.All(failed, row => Assert.Equal(("plain-01", ParityVerdict.Fail), (row.Case, row.Verdict)));
        ParityRow row = Assert.Single(failed, row => row.Tensor == "encoding"); // other ids decode to other text, too
        Assert.Contains($"{field} at 2", row.Note, StringComparison.Ordinal);
    }

    [Fact]
    public void A_changed_text_an_error_that_is_none_and_a_file_that_loads_fail()
    {
        string record = Copy("trained/wordpiece-uncased");
        JsonNode json = JsonNode.Parse(File.ReadAllText(record))!;
        JsonArray cases = json["cases"]!.AsArray();
        cases[0]!["decoded"] = "something else";
        cases[1]!.AsObject().Remove("encoding");
        cases[1]!["error"] = "Exception: made up";
        File.WriteAllText(record, json.ToJsonString());
        ParityRow[] failed = [.. Rows(record).Where(row => row.Verdict != ParityVerdict.Pass)];
        Assert.Equal(["decoded", "refused"], failed.Select(row => row.Tensor));
        Assert.All(failed, row => Assert.Equal(ParityVerdict.Fail, row.Verdict));

        File.WriteAllText(record, """{"name": "x", "load_error": "Exception: made up"}""");
        Assert.Equal(ParityVerdict.Fail, Assert.Single(Rows(record)).Verdict);
    }

    [Fact]
    public void Only_the_listed_files_are_refused_here_and_read_by_the_library()
    {
        ParityRow[] rows = [.. Rows(Repository.Reference("tokenizers/invalid/reference.json"))];
        Assert.Equal(["id-max.json"], InvalidTokenizerReference.RefusedOnlyHere.Keys);
        Assert.Equal(InvalidTokenizerReference.RefusedOnlyHere.Keys, rows.Where(row => row.Verdict == ParityVerdict.Informative).Select(row => row.Case));
        Assert.All(rows.Where(row => row.Verdict != ParityVerdict.Informative), row => Assert.Equal(ParityVerdict.Pass, row.Verdict));
        Assert.All(rows.Where(row => row.Tensor == "refused"), row => Assert.InRange(row.Note!.Length, 10, 600));
        Assert.Equal(104, rows.Select(row => row.Case).Distinct().Count());
    }

    [Fact]
    public void All_settings_of_truncation_and_padding_are_compared()
    {
        ParityRow[] rows = [.. Rows(Repository.Reference("tokenizers/truncation-padding/reference.json"))];
        Assert.All(rows, row => Assert.Equal(ParityVerdict.Pass, row.Verdict));
        Assert.Equal(148, rows.Select(row => row.Case).Distinct().Count());
    }

    private static IEnumerable<ParityRow> Rows(string record)
    {
        using ParityRun run = ParityRun.Open(record);
        return [.. run.Cases.SelectMany(item => item.Compare())];
    }

    private string Copy(string name)
    {
        foreach (string file in (string[])["reference.json", "tokenizer.json"])
            File.Copy(Repository.Reference($"tokenizers/{name}/{file}"), Path.Combine(_folder.FullName, file));
        return Path.Combine(_folder.FullName, "reference.json");
    }
}

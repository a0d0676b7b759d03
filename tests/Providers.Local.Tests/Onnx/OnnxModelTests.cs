using Polymodal.Providers.Local.Onnx;

namespace Polymodal.Providers.Local.Tests.Onnx;

public class OnnxModelTests
{
    private static string TinyFile => Path.Combine(Repository.Reference("text/bert-mean-normalize"), "onnx", "model.onnx");

    // The native library ends the process when a session is disposed during a run: this test then takes the whole test run with it.
    [Fact]
    public async Task Dispose_waits_for_runs_under_way_and_later_runs_are_refused()
    {
        for (int round = 0; round < 5; round++)
        {
            var model = OnnxModel.Load(TinyFile, new() { Threads = 1 });
            using var started = new CountdownEvent(4);
            Task<int>[] callers = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
            {
                int runs = 0;
                try
                {
                    while (true)
                    {
                        Run(model, 4, 32);
                        if (runs++ == 0)
                            started.Signal();
                    }
                }
                catch (ObjectDisposedException)
                {
                    return runs;
                }
            }))];
            started.Wait();
            model.Dispose();
            Assert.All(await Task.WhenAll(callers), runs => Assert.True(runs > 0));
            model.Dispose();
            Assert.Throws<ObjectDisposedException>(() => Run(model, 1, 4));
        }
    }

    [Fact]
    public void A_missing_file_is_named() =>
        Assert.Contains("nothing.onnx", Assert.Throws<FileNotFoundException>(() => OnnxModel.Load("nothing.onnx")).Message, StringComparison.Ordinal);

    [Theory, InlineData(0), InlineData(1), InlineData(5_000), InlineData(-1)]
    public void A_cut_file_is_refused_with_its_name_and_size(int length)
    {
        using var folder = new ReferenceCopy("bert-mean-normalize");
        folder.Cut("onnx/model.onnx", length);
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => OnnxModel.Load(folder.PathOf("onnx/model.onnx")));
        Assert.Contains("model.onnx", error.Message, StringComparison.Ordinal);
        Assert.Contains("cut", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_outside_the_vocabulary_is_an_error_and_the_model_goes_on()
    {
        using var model = OnnxModel.Load(TinyFile);
        Assert.Throws<InvalidDataException>(() => Run(model, 1, 4, id: 1_000_000));
        Run(model, 1, 4);
    }

    private static void Run(OnnxModel model, int batch, int sequence, long id = 5)
    {
        long[] ids = [.. Enumerable.Repeat(id, batch * sequence)], ones = [.. Enumerable.Repeat(1L, batch * sequence)];
        using var inputs = new OnnxInputs(model);
        inputs.Add("input_ids", ids, batch, sequence);
        inputs.Add("attention_mask", ones, batch, sequence);
        inputs.Add("token_type_ids", new long[batch * sequence], batch, sequence);
        model.Run(inputs, "last_hidden_state", (values, shape) => Assert.Equal([batch, sequence, 32], shape.ToArray()));
    }
}

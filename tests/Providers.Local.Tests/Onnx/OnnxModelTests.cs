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

    [Fact]
    public void A_run_that_is_ended_is_cancelled_and_the_model_goes_on()
    {
        using var model = OnnxModel.Load(TinyFile);
        Assert.ThrowsAny<OperationCanceledException>(() => Run(model, 1, 4, limits: new RunLimits(CancellationToken: new CancellationToken(canceled: true))));
        Run(model, 1, 4);
    }

    [Theory, InlineData(1), InlineData(2), InlineData(null)]
    public void Runs_on_any_number_of_threads_give_one_result(int? threads)
    {
        using var model = OnnxModel.Load(TinyFile, new() { Threads = 2 });
        Assert.Equal(Run(model, 3, 40), Run(model, 3, 40, limits: new RunLimits(threads)));
    }

    [Fact]
    public void An_execution_provider_that_is_not_there_is_answered_with_those_that_are()
    {
        NotSupportedException error = Assert.Throws<NotSupportedException>(() => OnnxModel.Load(TinyFile, new() { ExecutionProvider = "Abacus" }));
        Assert.Contains("'Abacus'", error.Message, StringComparison.Ordinal);
        Assert.Contains("CPUExecutionProvider", error.Message, StringComparison.Ordinal);
    }

    private static float[] Run(OnnxModel model, int batch, int sequence, long id = 5, RunLimits limits = default)
    {
        float[] result = [];
        long[] ids = [.. Enumerable.Repeat(id, batch * sequence)], ones = [.. Enumerable.Repeat(1L, batch * sequence)];
        using var inputs = new OnnxInputs(model);
        inputs.Add("input_ids", ids, batch, sequence);
        inputs.Add("attention_mask", ones, batch, sequence);
        inputs.Add("token_type_ids", new long[batch * sequence], batch, sequence);
        model.Run(inputs, "last_hidden_state", (values, shape) =>
        {
            Assert.Equal([batch, sequence, 32], shape.ToArray());
            result = values.ToArray();
        }, limits);
        return result;
    }
}

using Microsoft.Extensions.AI;

namespace Polymodal.Providers.Cloud;

/// <summary>Makes inputs ready to send, and refuses what would only cost money: nothing has been sent when it throws.</summary>
internal static class CloudInputs
{
    /// <summary>Prepares a list.</summary>
    /// <param name="values">Texts or <see cref="DataContent"/>.</param>
    /// <param name="provider">For messages.</param>
    /// <param name="model">What the inputs are for.</param>
    /// <param name="intent">Chooses the prefix.</param>
    /// <param name="options">Whether long texts are cut, and how tokens are counted.</param>
    /// <exception cref="ArgumentNullException">An input is null.</exception>
    /// <exception cref="ArgumentException">An input is empty, of a kind that the model does not take, or too long.</exception>
    public static CloudInput[] Prepare<TInput>(IReadOnlyList<TInput> values, string provider, CloudModel model, EmbeddingIntent? intent, CloudOptions options)
    {
        string prefix = intent is { } known && model.Prefixes.TryGetValue(known, out string? text) ? text : "";
        var inputs = new CloudInput[values.Count];
        for (int i = 0; i < inputs.Length; i++)
        {
            inputs[i] = values[i] switch
            {
                string value => Text(value, i, inputs.Length, prefix, provider, model, options),
                DataContent value => Media(value, i, inputs.Length, provider, model),
                null => throw new ArgumentNullException(nameof(values), $"input {i} of {inputs.Length} is null."),
                var other => throw new NotSupportedException($"input {i} is {other.GetType()}; services take text and DataContent."),
            };
        }

        return inputs;
    }

    private static CloudInput Text(string text, int index, int count, string prefix, string provider, CloudModel model, CloudOptions options)
    {
        if (text.Length == 0)
            throw new ArgumentException($"input {index} of {count} is empty; {provider} refuses empty text. Leave it out.");
        text = prefix + TokenEstimate.WithoutUnpairedSurrogates(text);
        if (model is { MaxTokens: { } most, HasTruncationField: false })
        {
            Func<string, int> counter = model.CountLength ?? options.CountTokens ?? TokenEstimate.Count;
            if (options.Truncation == CloudTruncation.Cut)
                text = TokenEstimate.Cut(text, most, counter);
            else if (counter(text) is var tokens && tokens > most)
                throw new ArgumentException($"input {index} of {count} has {(model.CountLength is not null ? $"{tokens} words" : options.CountTokens is null ? $"an estimated {tokens} tokens" : $"{tokens} tokens")}; {model.Id} takes {most}. Cut it into passages, set Truncation to Cut, or set CountTokens to the model's tokenizer.");
        }

        return new CloudInput(text, null, "text/plain", default);
    }

    private static CloudInput Media(DataContent content, int index, int count, string provider, CloudModel model)
    {
        string type = content.MediaType.Split(';')[0].Trim().ToLowerInvariant();
        if (content.Data.IsEmpty)
            throw new ArgumentException($"input {index} of {count} ({type}) has no bytes.");
        if (!model.MediaTypes.Any(known => known.EndsWith("/*", StringComparison.Ordinal) ? type.StartsWith(known[..^1], StringComparison.OrdinalIgnoreCase) : type.Equals(known, StringComparison.OrdinalIgnoreCase)))
            throw new ArgumentException($"input {index} of {count} is {type}; {provider}'s {model.Id} takes {string.Join(", ", model.MediaTypes)}. Convert it, or choose another model.");
        return new CloudInput(null, Convert.ToBase64String(content.Data.Span), type, content.Data);
    }
}

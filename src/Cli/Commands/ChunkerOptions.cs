using System.CommandLine;
using System.CommandLine.Parsing;
using Microsoft.Extensions.AI;
using Polymodal.Providers.Local.Text;
using Polymodal.Providers.Local.Tokenization;
using Polymodal.VectorStore.Ingestion;

namespace Polymodal.Cli.Commands;

/// <summary>The options that say how documents are cut into passages.</summary>
internal sealed class ChunkerOptions
{
    private const int TokensOfPassage = 200, TokensShared = 20, SentencesOfPassage = 5, SentencesShared = 1, FewestCharacters = 200;
    private static readonly int Characters = new TextChunkerOptions().MaxCharacters;

    private readonly Option<ChunkerKind> _kind = new("--chunker")
    {
        Description = "How documents are cut into passages: headings (then paragraphs, sentences, words), tokens of the model, sentences, or semantic (where the subject changes; an embedding for each sentence). "
            + "Another way than before embeds all documents again",
    };

    private readonly Option<int?> _size = new("--chunk-size")
    {
        Description = $"Most of a passage: characters ({Characters}) for headings and semantic, tokens ({TokensOfPassage}), sentences ({SentencesOfPassage})",
    };

    private readonly Option<int?> _overlap = new("--chunk-overlap")
    {
        Description = $"What a passage repeats of the one before: tokens ({TokensShared}) or sentences ({SentencesShared})",
    };

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_kind, _size, _overlap])
            command.Options.Add(option);
    }

    /// <summary>The chunker that was chosen.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="generator">Embeds the passages; its tokenizer counts tokens, and it compares sentences.</param>
    /// <exception cref="ArgumentException">A number is out of its range, or the model has no tokenizer.</exception>
    public IDocumentChunker Chunker(ParseResult arguments, IEmbeddingGenerator<string, Embedding<float>> generator)
    {
        int? size = arguments.GetValue(_size), overlap = arguments.GetValue(_overlap);
        ChunkerKind kind = arguments.GetValue(_kind);
        if (overlap is not null && kind is not (ChunkerKind.Tokens or ChunkerKind.Sentences))
            throw new ArgumentException("--chunk-overlap is for --chunker tokens and --chunker sentences; passages of the other chunkers do not overlap.");
        try
        {
            return kind switch
            {
                ChunkerKind.Tokens => ByTokens(generator, size, overlap),
                ChunkerKind.Sentences => new SentenceChunker(size ?? SentencesOfPassage, overlap ?? Math.Min(SentencesShared, (size ?? SentencesOfPassage) - 1)),
                ChunkerKind.Semantic => new SemanticChunker(generator, minCharacters: Math.Min(FewestCharacters, Math.Max(0, size ?? Characters) / 4), maxCharacters: size ?? Characters),
                _ => new TextChunker(new() { MaxCharacters = size ?? Characters }),
            };
        }
        catch (ArgumentOutOfRangeException exception)
        {
            throw new ArgumentException($"--chunk-size or --chunk-overlap does not fit: {CliErrors.Message(exception).Split('\n')[0]}", exception);
        }
    }

    private static TokenChunker ByTokens(IEmbeddingGenerator<string, Embedding<float>> generator, int? size, int? overlap)
    {
        if (generator.GetService<LocalTextModel>() is not { } model)
            throw new ArgumentException("--chunker tokens counts with the tokenizer of a local model, and this framework has none. Choose another chunker.");
        int tokens = size ?? Math.Min(TokensOfPassage, model.MaxTokens / 2);
        if (tokens > model.MaxTokens)
            throw new ArgumentException($"--chunk-size is {tokens} tokens, and {model.Name} reads {model.MaxTokens}. Give less, with room for the headings of a passage.");
        var options = new EncodeOptions { AddSpecialTokens = false };
        return new(text => [.. model.Tokenizer.Encode(text, options).Offsets.Select(place => new TextSpan(place.Start, place.End - place.Start))], model.Name, tokens, overlap ?? Math.Min(TokensShared, tokens / 2));
    }
}

/// <summary>The ways to cut a document.</summary>
internal enum ChunkerKind
{
    /// <summary><see cref="TextChunker"/>.</summary>
    Headings,

    /// <summary><see cref="TokenChunker"/>.</summary>
    Tokens,

    /// <summary><see cref="SentenceChunker"/>.</summary>
    Sentences,

    /// <summary><see cref="SemanticChunker"/>.</summary>
    Semantic,
}

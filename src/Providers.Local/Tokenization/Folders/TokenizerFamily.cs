using Polymodal.Providers.Local.Models;

namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Tokenizers that differ in their vocabulary alone: which files hold it, and which pipeline transformers builds around it.</summary>
internal sealed record TokenizerFamily
{
    /// <summary>Values of <c>tokenizer_class</c> in tokenizer_config.json, without the ending <c>Fast</c>.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>Values of <c>model_type</c> in config.json, which counts where the class is not said.</summary>
    public IReadOnlyList<string> ModelTypes { get; init; } = [];

    /// <summary>The files that its vocabulary is kept in; the first kind that a folder has is read.</summary>
    public required IReadOnlyList<VocabularyFormat> Formats { get; init; }

    /// <summary>Special tokens where the folder does not name them, by role.</summary>
    public required IReadOnlyDictionary<string, string> Special { get; init; }

    /// <summary>Whether the mask token swallows the white space before it, where its flags are not said.</summary>
    public bool MaskStripsLeft { get; init; }

    /// <summary>Changes the vocabulary of the file, e.g. its order; null: it stays.</summary>
    public Func<RawVocabulary, TokenizerBuild, RawVocabulary>? Arrange { get; init; }

    /// <summary>Special tokens beyond those that have a role, where the folder does not list its added tokens.</summary>
    public Func<RawVocabulary, IEnumerable<string>> Extra { get; init; } = _ => [];

    /// <summary>The section <c>model</c> without vocabulary and merges.</summary>
    public required Func<TokenizerBuild, string> Model { get; init; }

    /// <summary>The section <c>normalizer</c>.</summary>
    public Func<TokenizerBuild, string> Normalizer { get; init; } = _ => "null";

    /// <summary>The section <c>pre_tokenizer</c>.</summary>
    public required Func<TokenizerBuild, string> PreTokenizer { get; init; }

    /// <summary>The section <c>post_processor</c>.</summary>
    public required Func<TokenizerBuild, string> PostProcessor { get; init; }

    /// <summary>The section <c>decoder</c>.</summary>
    public required Func<TokenizerBuild, string> Decoder { get; init; }
}

/// <summary>One kind of files that a vocabulary is kept in.</summary>
/// <param name="Files">Their names; <c>*</c> stands for any text.</param>
/// <param name="Read">Reads them; the arguments are their full paths.</param>
internal sealed record VocabularyFormat(IReadOnlyList<string> Files, Func<IReadOnlyList<string>, RawVocabulary> Read)
{
    /// <summary>A token a line.</summary>
    public static readonly VocabularyFormat Lines = new(["vocab.txt"], files => VocabularyFiles.ReadLines(files[0]));

    /// <summary>Tokens with ids, and merges.</summary>
    public static readonly VocabularyFormat Merges = new(["vocab.json", "merges.txt"], files => VocabularyFiles.ReadMerges(files[0], files[1]));

    /// <summary>OpenAI's CLIP.</summary>
    public static readonly VocabularyFormat OpenAIClip = new(["bpe_simple_vocab_16e6.txt.gz"], files => VocabularyFiles.ReadOpenAIClip(files[0]));

    /// <summary>Tokens with ranks, whatever the file's name.</summary>
    public static readonly VocabularyFormat Ranks = new(["*.tiktoken"], files => TiktokenFile.Read(files[0]));

    /// <summary>A SentencePiece model under one of the names that are in use.</summary>
    public static readonly IReadOnlyList<VocabularyFormat> SentencePiece =
        [.. new[] { "sentencepiece.bpe.model", "spiece.model", "tokenizer.model", "spm.model" }.Select(file =>
            new VocabularyFormat([file], files => SentencePieceModel.Read(files[0]).ToVocabulary(Path.GetFileName(files[0]))))];

    /// <summary>The files in a folder, relative to the model's own; null when one is missing.</summary>
    public IReadOnlyList<string>? In(ModelFolder folder, string directory)
    {
        string full = Path.Combine(folder.FullPath, directory);
        string?[] found = [.. Files.Select(pattern => Directory.Exists(full) ? Directory.EnumerateFiles(full, pattern).Order(StringComparer.Ordinal).FirstOrDefault() : null)];
        return Array.Exists(found, file => file is null) ? null : [.. found.Select(file => Path.GetRelativePath(folder.FullPath, file!).Replace('\\', '/'))];
    }
}

namespace Polymodal.Providers.Local.Models;

/// <summary>Well-known models of sentence-transformers of other families than MiniLM. Their folders say everything; give one as <see cref="LocalEmbeddingOptions.Model"/>.</summary>
public static class SentenceModels
{
    /// <summary>MPNet: English, the best of the general ones.</summary>
    public static LocalModel MpnetBaseV2 { get; } = new() { Id = "sentence-transformers/all-mpnet-base-v2", Dimensions = 768 };

    /// <summary>XLM-RoBERTa taught by MPNet: fifty languages.</summary>
    public static LocalModel ParaphraseMultilingualMpnetBaseV2 { get; } = new() { Id = "sentence-transformers/paraphrase-multilingual-mpnet-base-v2", Dimensions = 768 };

    /// <summary>DistilRoBERTa: English.</summary>
    public static LocalModel DistilRobertaV1 { get; } = new() { Id = "sentence-transformers/all-distilroberta-v1", Dimensions = 768 };

    /// <summary>RoBERTa: English, large.</summary>
    public static LocalModel RobertaLargeV1 { get; } = new() { Id = "sentence-transformers/all-roberta-large-v1", Dimensions = 1024 };

    /// <summary>DistilBERT with a Dense module: fifty languages.</summary>
    public static LocalModel DistilUseMultilingualV2 { get; } = new() { Id = "sentence-transformers/distiluse-base-multilingual-cased-v2", Dimensions = 512 };

    /// <summary>ALBERT: English, small.</summary>
    public static LocalModel AlbertSmallV2 { get; } = new() { Id = "sentence-transformers/paraphrase-albert-small-v2", Dimensions = 768 };

    /// <summary>LaBSE: finds translations in a hundred languages.</summary>
    public static LocalModel LaBse { get; } = new() { Id = "sentence-transformers/LaBSE", Dimensions = 768 };

    /// <summary>T5 encoder: English, likeness of sentences.</summary>
    public static LocalModel SentenceT5Base { get; } = new() { Id = "sentence-transformers/sentence-t5-base", Dimensions = 768 };

    /// <summary>T5 encoder: English, search.</summary>
    public static LocalModel GtrT5Base { get; } = new() { Id = "sentence-transformers/gtr-t5-base", Dimensions = 768 };

    /// <summary>GPT decoder with position-weighted mean: English.</summary>
    public static LocalModel Sgpt125M { get; } = new() { Id = "Muennighoff/SGPT-125M-weightedmean-nli-bitfit", Dimensions = 768 };
}

namespace Polymodal.Providers.Local.Images;

/// <summary>Which of the vectors that a graph gives, or what of them, stands for the picture.</summary>
public enum ImagePooling
{
    /// <summary>
    /// The vector that the graph has finished (<c>image_embeds</c>, <c>pre_logits</c>, <c>avgpool</c>, …); without one the class token, where the model has one; else
    /// the pooler's vector; else the average over the feature map.
    /// </summary>
    Default = 0,

    /// <summary>The first token.</summary>
    Cls,

    /// <summary>The mean of the tokens that stand for patches: class and register tokens are left out.</summary>
    PatchMean,

    /// <summary>The mean of all tokens.</summary>
    TokenMean,

    /// <summary>The pooler's vector (<c>pooler_output</c>).</summary>
    Pooler,

    /// <summary>The average over the places of the feature map, or over the patches.</summary>
    GlobalAverage,

    /// <summary>The largest value over the places of the feature map, or over the patches.</summary>
    GlobalMax,

    /// <summary>The mean of the patches, each weighted by the softmax of its product with the class token over the root of their length: patches that the class token is like count more.</summary>
    AttentionWeighted,
}

namespace Polymodal.Providers.Local.Images;

/// <summary>How a picture's size is changed; the names are Pillow's.</summary>
public enum ResizeFilter
{
    /// <summary>The nearest pixel.</summary>
    Nearest = 0,

    /// <summary>Three lobes of a windowed sinc.</summary>
    Lanczos = 1,

    /// <summary>A triangle.</summary>
    Bilinear = 2,

    /// <summary>Cubic with a = −0.5.</summary>
    Bicubic = 3,

    /// <summary>A box.</summary>
    Box = 4,

    /// <summary>One lobe of a Hamming window.</summary>
    Hamming = 5,
}

/// <summary>Whose arithmetic pictures are resized and cropped with. They differ by a level here and there, by up to 16 at hard edges, and by a pixel with <see cref="ResizeFilter.Nearest"/>.</summary>
public enum ImageBackend
{
    /// <summary>That of the model's own library: torchvision for folders of transformers, Pillow for timm, open_clip and torchvision's models.</summary>
    Default = 0,

    /// <summary>Pillow 13: whole numbers, rounded after each pass.</summary>
    Pillow,

    /// <summary>torchvision on tensors of bytes.</summary>
    Torchvision,
}

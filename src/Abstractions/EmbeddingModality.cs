namespace Polymodal;

/// <summary>The kind of input a framework turns into vectors.</summary>
public enum EmbeddingModality
{
    /// <summary>Text, given as <see cref="string"/>.</summary>
    Text,

    /// <summary>Pictures, given as <see cref="Microsoft.Extensions.AI.DataContent"/>.</summary>
    Image,

    /// <summary>Sound, given as <see cref="Microsoft.Extensions.AI.DataContent"/>.</summary>
    Audio,

    /// <summary>Moving pictures, given as <see cref="Microsoft.Extensions.AI.DataContent"/>.</summary>
    Video,
}

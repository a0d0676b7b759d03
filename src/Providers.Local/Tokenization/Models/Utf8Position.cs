using System.Text;

namespace Polymodal.Providers.Local.Tokenization;

/// <summary>The character that a UTF-8 byte of a text is part of; moves forward only.</summary>
/// <param name="text">Well-formed text.</param>
internal ref struct Utf8Position(ReadOnlySpan<char> text)
{
    private readonly ReadOnlySpan<char> _text = text;
    private int _byteEnd;

    /// <summary>Where the character starts, in UTF-16 units.</summary>
    public int CharacterStart { get; private set; }

    /// <summary>Where it ends.</summary>
    public int CharacterEnd { get; private set; }

    /// <summary>Moves on to a byte; behind the end, to the last character.</summary>
    public void MoveTo(int offset)
    {
        while (_byteEnd <= offset && CharacterEnd < _text.Length)
        {
            CharacterStart = CharacterEnd;
            _byteEnd += new Rune(CodePoints.At(_text, CharacterStart, out int length)).Utf8SequenceLength;
            CharacterEnd += length;
        }
    }
}

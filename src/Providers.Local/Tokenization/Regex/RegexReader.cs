using System.Globalization;

namespace Polymodal.Providers.Local.Tokenization;

/// <summary>The characters of a pattern, read from left to right.</summary>
internal sealed class RegexReader(string pattern)
{
    private readonly int[] _codePoints = [.. pattern.EnumerateRunes().Select(rune => rune.Value)];
    private int _next;

    /// <summary>Whether all is read.</summary>
    public bool IsAtEnd => _next == _codePoints.Length;

    /// <summary>Whether a character comes next.</summary>
    public bool Sees(char character) => !IsAtEnd && _codePoints[_next] == character;

    /// <summary>The next character, left in place; −1 at the end.</summary>
    public int Peek() => IsAtEnd ? -1 : _codePoints[_next];

    /// <summary>The character after the next one; −1 when there is none.</summary>
    public int PeekSecond() => _next + 1 < _codePoints.Length ? _codePoints[_next + 1] : -1;

    /// <summary>Whether a character comes anywhere after the next one.</summary>
    public bool HasLater(char character) => Array.IndexOf(_codePoints, character, Math.Min(_next + 1, _codePoints.Length)) >= 0;

    /// <summary>The next character.</summary>
    /// <exception cref="FormatException">There is none.</exception>
    public int Take() => IsAtEnd ? throw Damaged("the pattern ends too early") : _codePoints[_next++];

    /// <summary>Takes characters if they come next.</summary>
    public bool TryTake(string characters)
    {
        for (int i = 0; i < characters.Length; i++)
        {
            if (_next + i >= _codePoints.Length || _codePoints[_next + i] != characters[i])
                return false;
        }

        _next += characters.Length;
        return true;
    }

    /// <summary>Takes a character if it comes next.</summary>
    public bool TryTake(char character)
    {
        bool sees = Sees(character);
        _next += sees ? 1 : 0;
        return sees;
    }

    /// <summary>Skips white space or a remark up to the end of the line, as they stand in extended syntax.</summary>
    public bool TrySkipRemark()
    {
        if (Sees('#'))
        {
            while (!IsAtEnd && Take() != '\n')
            {
            }

            return true;
        }

        if (IsAtEnd || Peek() is not (' ' or (>= '\t' and <= '\r')))
            return false;
        _next++;
        return true;
    }

    /// <summary>Takes <c>{n}</c>, <c>{n,}</c>, <c>{,m}</c> or <c>{n,m}</c>; anything else in braces stands for itself.</summary>
    public bool TryTakeCounts(out int min, out int max)
    {
        int start = _next;
        min = max = 0;
        if (!TryTake('{'))
            return false;
        int first = Digits(10, 9), second = first;
        if (TryTake(','))
            second = Digits(10, 9) is var limit and >= 0 ? limit : int.MaxValue;
        if (!TryTake('}') || (first < 0 && second is < 0 or int.MaxValue))
        {
            _next = start;
            return false;
        }

        (min, max) = (Math.Max(first, 0), second);
        return true;
    }

    /// <summary>Takes digits.</summary>
    /// <param name="numberBase">8, 10 or 16.</param>
    /// <param name="most">How many at most.</param>
    /// <returns>The number, or −1 when there is no digit.</returns>
    public int Digits(int numberBase, int most)
    {
        int value = -1;
        for (; most > 0 && !IsAtEnd && Digit(_codePoints[_next], numberBase) is var digit and >= 0; most--, _next++)
            value = (Math.Max(value, 0) * numberBase) + digit;
        return value;
    }

    /// <summary>An error in the pattern.</summary>
    public FormatException Damaged(string problem) => new(string.Create(CultureInfo.InvariantCulture, $"{problem}, at character {_next}"));

    /// <summary>Something of the syntax that is not supported.</summary>
    public NotSupportedException Unsupported(string what) => new(string.Create(CultureInfo.InvariantCulture, $"{what}, at character {_next}"));

    private static int Digit(int codePoint, int numberBase)
    {
        int digit = codePoint < 0x80 && char.IsAsciiHexDigit((char)codePoint) ? Convert.ToInt32(((char)codePoint).ToString(), 16) : -1;
        return digit < numberBase ? digit : -1;
    }
}

using System.Text;

namespace Polymodal.Providers.Local.Tokenization;

/// <summary>When Metaspace puts its character before a piece that does not start with it.</summary>
internal enum PrependScheme
{
    /// <summary>Before every piece.</summary>
    Always,

    /// <summary>Only before the piece with which the input starts.</summary>
    First,

    /// <summary>Never.</summary>
    Never,
}

/// <summary>SentencePiece's: writes spaces as a visible character and cuts before it.</summary>
/// <param name="replacement">The character, mostly ▁.</param>
/// <param name="scheme">When it is put first.</param>
/// <param name="splits">Whether to cut.</param>
internal sealed class Metaspace(Rune replacement, PrependScheme scheme, bool splits) : PreTokenizer
{
    private readonly char _single = replacement.IsBmp ? (char)replacement.Value : '\0';
    private readonly string _replacement = replacement.ToString();

    public override WordEnds WordEnds => splits ? WordEnds.Cut : WordEnds.Kept;

    public override bool NeedsSources => scheme == PrependScheme.First;

    /// <summary>Reads it from tokenizer.json.</summary>
    public static Metaspace Read(JsonPart part) => new(part.Required("replacement").Character(), ReadScheme(part), part.Optional("split")?.Boolean() ?? true);

    /// <summary>Reads the scheme, in files of before it was there from add_prefix_space.</summary>
    public static PrependScheme ReadScheme(JsonPart part)
    {
        PrependScheme scheme = part.Optional("prepend_scheme") is not { } written ? PrependScheme.Always : written.Text() switch
        {
            "always" => PrependScheme.Always,
            "first" => PrependScheme.First,
            "never" => PrependScheme.Never,
            _ => throw written.Invalid("is not one of always, first, never"),
        };
        if (part.Optional("add_prefix_space") is { } old && !old.Boolean() && scheme != PrependScheme.Never)
            throw old.Invalid("does not go with prepend_scheme, which is not never");
        return scheme;
    }

    public override void Apply(NormalizedText text, PieceList pieces)
    {
        ReadOnlySpan<char> chars = text.Chars;
        foreach ((int start, int end) in pieces.Current)
        {
            int newStart = text.AppendedLength;
            bool isMarked = chars[start] == ' ' || (chars[start] == _replacement[0] && chars[start..end].StartsWith(_replacement));
            if (!isMarked && (scheme == PrependScheme.Always || (scheme == PrependScheme.First && text.Source(start, start + 1).Start == 0)))
                text.Append(replacement.Value, start);
            if (!text.Tracks && _single != 0)
            {
                WriteSingle(text, chars[start..end], newStart, pieces);
                continue;
            }

            AppendReplaced(text, start, end);
            if (splits)
                Cut(text.Appended, newStart, pieces);
            else
                pieces.Add(newStart, text.AppendedLength);
        }

        text.Commit();
        pieces.Commit();
    }

    /// <summary>Replaces and cuts in one go, where the character is not a pair and ranges are not kept.</summary>
    private void WriteSingle(NormalizedText text, ReadOnlySpan<char> piece, int newStart, PieceList pieces)
    {
        int origin = text.AppendedLength, pieceStart = newStart;
        char single = _single;
        Span<char> room = text.Room(piece.Length);
        for (int i = 0; i < room.Length; i++)
        {
            char unit = piece[i];
            if (unit == ' ')
                unit = single;
            room[i] = unit;
            if (unit == single && splits)
            {
                pieces.Add(pieceStart, origin + i);
                pieceStart = origin + i;
            }
        }

        text.Take(room.Length);
        pieces.Add(pieceStart, text.AppendedLength);
    }

    private void AppendReplaced(NormalizedText text, int start, int end)
    {
        if (_single != 0)
        {
            int from = text.AppendedLength;
            text.AppendRange(start, end);
            text.ReplaceAppended(from, ' ', _single);
            return;
        }

        for (int i = start; i < end; i++)
        {
            if (text.Chars[i] == ' ')
                text.Append(replacement.Value, i);
            else
                text.AppendRange(i, i + 1);
        }
    }

    /// <summary>Every replacement starts a piece, but of neighbouring ones only the last takes what follows.</summary>
    private void Cut(ReadOnlySpan<char> chars, int start, PieceList pieces)
    {
        int pieceStart = start;
        for (int i = start; i < chars.Length;)
        {
            int next = _single != 0 ? chars[i..].IndexOf(_single) : chars[i..].IndexOf(_replacement);
            if (next < 0)
                break;
            pieces.Add(pieceStart, i + next);
            pieceStart = i + next;
            i = pieceStart + _replacement.Length;
        }

        pieces.Add(pieceStart, chars.Length);
    }
}

using System.Text;
using Microsoft.Extensions.AI;

namespace Polymodal;

/// <summary>Reads the text of a <see cref="DataContent"/>.</summary>
internal static class DataContentText
{
    /// <summary>Decodes by the <c>charset</c> of the media type, UTF-8 when it names none. A byte order mark is not part of the text.</summary>
    /// <param name="content">The text.</param>
    /// <param name="index">Its place among the inputs, for messages.</param>
    /// <param name="parameter">What the caller of a generator gave it in.</param>
    /// <exception cref="ArgumentException">The charset is unknown, or the bytes are not valid in it: a wrong text would give a wrong vector.</exception>
    public static string Read(DataContent content, int index, string parameter = "values")
    {
        string charset = CharsetOf(content.MediaType);
        try
        {
            var encoding = Encoding.GetEncoding(charset, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback);
            ReadOnlySpan<byte> bytes = content.Data.Span;
            return encoding.GetString(bytes.StartsWith(encoding.Preamble) ? bytes[encoding.Preamble.Length..] : bytes);
        }
        catch (DecoderFallbackException exception)
        {
            throw new ArgumentException(
                $"input {index} is {content.MediaType}; its bytes are not valid {charset}. Save it as UTF-8, or name its charset in the media type.", parameter, exception);
        }
        catch (ArgumentException exception)
        {
            throw new ArgumentException(
                $"input {index} is {content.MediaType}; the charset '{charset}' is not known. Save it as UTF-8, or make the encoding known with Encoding.RegisterProvider.", parameter, exception);
        }
    }

    private static string CharsetOf(string mediaType)
    {
        const string Charset = "charset=";
        return mediaType.Split(';', StringSplitOptions.TrimEntries)
            .FirstOrDefault(part => part.StartsWith(Charset, StringComparison.OrdinalIgnoreCase))?[Charset.Length..].Trim('"') ?? "utf-8";
    }
}

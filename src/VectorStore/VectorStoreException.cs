namespace Polymodal.VectorStore;

/// <summary>The place where vectors are kept cannot be read or written. What was stored before is intact.</summary>
public sealed class VectorStoreException : IOException
{
    /// <summary>Creates the error.</summary>
    /// <param name="message">What was found, where, and what to do.</param>
    /// <param name="innerException">The cause.</param>
    public VectorStoreException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}

namespace Polymodal.Delegating;

/// <summary>An allowance that fills with time. Whoever takes more than is there waits for his share, in the order of asking.</summary>
/// <remarks>
/// Safe for concurrent use. A taker gets his share at once and waits until what he took would have come in: so a large share is not overtaken
/// for ever by small ones.
/// </remarks>
internal sealed class TokenBucket
{
    private readonly Lock _lock = new();
    private readonly double _perSecond, _capacity;
    private readonly TimeProvider _time;
    private double _available;
    private long _last;

    /// <summary>Creates a full bucket.</summary>
    /// <param name="perSecond">What comes in a second.</param>
    /// <param name="burst">After so long it is full.</param>
    /// <param name="time">The clock.</param>
    public TokenBucket(double perSecond, TimeSpan burst, TimeProvider time)
    {
        _perSecond = perSecond;
        _available = _capacity = perSecond * burst.TotalSeconds;
        _time = time;
        _last = time.GetTimestamp();
    }

    /// <summary>Takes a share.</summary>
    /// <returns>How long to wait before it may be used.</returns>
    public TimeSpan Take(double amount)
    {
        lock (_lock)
        {
            long now = _time.GetTimestamp();
            _available = Math.Min(_capacity, _available + (_time.GetElapsedTime(_last, now).TotalSeconds * _perSecond));
            _last = now;
            _available -= amount;
            return _available >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-_available / _perSecond);
        }
    }

    /// <summary>Gives a share back that was not used.</summary>
    public void GiveBack(double amount)
    {
        lock (_lock)
            _available += amount;
    }
}

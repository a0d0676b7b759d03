namespace Polymodal.Delegating;

/// <summary>How fast a generator may be asked. Copied and checked once.</summary>
/// <typeparam name="TInput">What the generator takes.</typeparam>
public sealed class RateLimitOptions<TInput>
{
    /// <summary>The most inputs a second, above 0. Default null: no limit.</summary>
    public double? InputsPerSecond { get; set; }

    /// <summary>The most tokens a second, above 0; needs <see cref="CountTokens"/>. Default null: no limit.</summary>
    public double? TokensPerSecond { get; set; }

    /// <summary>How many tokens an input has. Default null: tokens are not counted.</summary>
    public Func<TInput, int>? CountTokens { get; set; }

    /// <summary>How much may go at once after a pause: so long the unused allowance is kept. Above zero; default one second.</summary>
    public TimeSpan Burst { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    internal RateLimitOptions<TInput> Validated()
    {
        if (InputsPerSecond is <= 0 or double.NaN)
            throw new ArgumentOutOfRangeException(nameof(InputsPerSecond), InputsPerSecond, "InputsPerSecond must be above 0, or null for no limit.");
        if (TokensPerSecond is <= 0 or double.NaN)
            throw new ArgumentOutOfRangeException(nameof(TokensPerSecond), TokensPerSecond, "TokensPerSecond must be above 0, or null for no limit.");
        if (TokensPerSecond is not null && CountTokens is null)
            throw new ArgumentException("TokensPerSecond is set, but CountTokens is not. Say how tokens are counted.", nameof(CountTokens));
        if (Burst <= TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(Burst), Burst, "Burst must be above zero.");
        ArgumentNullException.ThrowIfNull(Time);
        return (RateLimitOptions<TInput>)MemberwiseClone();
    }
}

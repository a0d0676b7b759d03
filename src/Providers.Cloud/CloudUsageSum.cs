using Microsoft.Extensions.AI;

namespace Polymodal.Providers.Cloud;

/// <summary>What the requests of a call used together. Safe for concurrent use.</summary>
internal sealed class CloudUsageSum
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, long> _units = new(StringComparer.Ordinal);
    private long? _tokens;

    /// <summary>Tokens; null while no answer said any.</summary>
    public long? Tokens
    {
        get
        {
            lock (_lock)
                return _tokens;
        }
    }

    /// <summary>Other units, by the service's names.</summary>
    public IReadOnlyList<KeyValuePair<string, long>> Units
    {
        get
        {
            lock (_lock)
                return [.. _units];
        }
    }

    public void Add(CloudUsage usage)
    {
        lock (_lock)
        {
            if (usage.Tokens is { } tokens)
                _tokens = (_tokens ?? 0) + tokens;
            foreach ((string unit, long count) in usage.Units ?? [])
                _units[unit] = _units.GetValueOrDefault(unit) + count;
        }
    }

    /// <summary>The sum in the contract's form; null when nothing is known.</summary>
    public UsageDetails? Details()
    {
        lock (_lock)
        {
            if (_tokens is null && _units.Count == 0)
                return null;
            var details = new UsageDetails { InputTokenCount = _tokens, TotalTokenCount = _tokens };
            foreach ((string unit, long count) in _units)
                (details.AdditionalCounts ??= [])[unit] = count;
            return details;
        }
    }
}

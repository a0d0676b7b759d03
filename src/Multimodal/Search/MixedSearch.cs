using Microsoft.Extensions.AI;

namespace Polymodal.Multimodal;

/// <summary>
/// One search over several media, with scores that compare. Each medium is calibrated with background queries; matches are merged by standard scores, and a medium that has no
/// answer returns nothing.
/// </summary>
/// <remarks>
/// Safe for concurrent searches once calibrated; calibrate or load first. Within a medium the order is that of the medium searched alone, with the means taken off where the space has a gap.
/// The idea of taking the means off is that of GR-CLIP (arXiv 2507.19054).
/// </remarks>
public sealed class MixedSearch
{
    private const int LeastQueries = 20;

    private readonly SearchMedium[] _media;
    private readonly MixedSearchOptions _options;
    private Dictionary<(EmbeddingModality, string), MediumCalibration> _calibrations = [];

    /// <summary>Joins media.</summary>
    /// <param name="media">At least one, each with a name of its own.</param>
    /// <param name="options">When a medium answers; null for the defaults.</param>
    /// <exception cref="ArgumentException">There is no medium, two have one name, or an option is out of its range.</exception>
    public MixedSearch(IEnumerable<SearchMedium> media, MixedSearchOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(media);
        _media = [.. media];
        _options = (options ?? new()).Validated();
        if (_media.Length == 0 || _media.Select(medium => medium.Name).Distinct(StringComparer.Ordinal).Count() != _media.Length)
            throw new ArgumentException($"the media are {(_media.Length == 0 ? "none" : string.Join(", ", _media.Select(medium => medium.Name)))}. Give at least one, each with a name of its own.", nameof(media));
    }

    /// <summary>What was measured or loaded.</summary>
    public IReadOnlyCollection<MediumCalibration> Calibrations => _calibrations.Values;

    /// <summary>Calibrates every medium for text queries.</summary>
    /// <param name="background">At least 20 queries like those users ask, most of them not answered by these items; null for <see cref="BackgroundQueries.English"/>.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ArgumentException">There are too few queries, or a medium gives all of them one score.</exception>
    public async Task CalibrateAsync(IEnumerable<string>? background = null, CancellationToken cancellationToken = default)
    {
        string[] texts = [.. background ?? BackgroundQueries.English];
        EnsureEnough(texts.Length);
        var embedded = new Dictionary<object, IReadOnlyList<Embedding<float>>>(ReferenceEqualityComparer.Instance);
        foreach (SearchMedium medium in _media)
        {
            if (!embedded.ContainsKey(medium.Queries))
                embedded[medium.Queries] = await medium.Queries.GenerateAsync(texts, new EmbeddingGenerationOptions().WithIntent(EmbeddingIntent.Query), cancellationToken).ConfigureAwait(false);
        }

        await CalibrateAsync(medium => embedded[medium.Queries], EmbeddingModality.Text, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Calibrates every medium for queries of any kind, by their vectors.</summary>
    /// <param name="background">At least 20 vectors of the space of all media.</param>
    /// <param name="queryModality">What the queries are.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ArgumentException">There are too few queries, or a medium gives all of them one score.</exception>
    /// <exception cref="EmbeddingSpaceMismatchException">A medium is of another space.</exception>
    public Task CalibrateAsync(IReadOnlyList<Embedding<float>> background, EmbeddingModality queryModality, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(background);
        EnsureEnough(background.Count);
        return CalibrateAsync(_ => background, queryModality, cancellationToken);
    }

    /// <summary>Searches all media for a text.</summary>
    /// <param name="query">The query.</param>
    /// <param name="top">How many matches at most; at least 1.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The best first, of whatever media; none when no medium has an answer.</returns>
    /// <exception cref="InvalidOperationException">The media are not calibrated for text queries.</exception>
    public async Task<IReadOnlyList<MixedMatch>> SearchAsync(string query, int top = 10, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        var embedded = new Dictionary<object, Embedding<float>>(ReferenceEqualityComparer.Instance);
        foreach (SearchMedium medium in _media)
        {
            if (!embedded.ContainsKey(medium.Queries))
                embedded[medium.Queries] = await medium.Queries.GenerateQueryAsync(query, cancellationToken: cancellationToken).ConfigureAwait(false);
        }

        return await SearchAsync(medium => embedded[medium.Queries], EmbeddingModality.Text, top, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Searches all media for a vector, e.g. of a picture.</summary>
    /// <param name="query">A vector of the space of all media.</param>
    /// <param name="queryModality">What it stands for.</param>
    /// <param name="top">How many matches at most; at least 1.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>As for text.</returns>
    /// <exception cref="InvalidOperationException">The media are not calibrated for such queries.</exception>
    /// <exception cref="EmbeddingSpaceMismatchException">A medium is of another space.</exception>
    public Task<IReadOnlyList<MixedMatch>> SearchAsync(Embedding<float> query, EmbeddingModality queryModality, int top = 10, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return SearchAsync(_ => query, queryModality, top, cancellationToken);
    }

    /// <summary>Writes the calibrations into a file, replacing it whole.</summary>
    /// <param name="path">The file; JSON.</param>
    /// <exception cref="InvalidOperationException">Nothing is calibrated.</exception>
    public void SaveCalibration(string path) => CalibrationFile.Write(path, _calibrations.Count > 0 ? [.. _calibrations.Values]
        : throw new InvalidOperationException("nothing is calibrated. Call CalibrateAsync first."));

    /// <summary>Reads calibrations that were saved for these media.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidDataException">The file is damaged, of an unknown version, or of other media, spaces or bridges.</exception>
    public void LoadCalibration(string path)
    {
        var loaded = new Dictionary<(EmbeddingModality, string), MediumCalibration>();
        foreach (MediumCalibration found in CalibrationFile.Read(path))
        {
            SearchMedium medium = Array.Find(_media, medium => medium.Name == found.Medium)
                ?? throw new InvalidDataException($"{Path.GetFileName(path)} calibrates '{found.Medium}'; the media here are {string.Join(", ", _media.Select(medium => medium.Name))}. Calibrate these.");
            if (found.SpaceId != medium.Space.SpaceId || found.Bridge != medium.Bridge || found.ItemModality != medium.Modality)
            {
                throw new InvalidDataException(
                    $"{Path.GetFileName(path)} calibrates '{found.Medium}' as {found.ItemModality} in {found.SpaceId} by {found.Bridge ?? "no bridge"}, but here it is {medium.Modality} in {medium.Space.SpaceId} by {medium.Bridge ?? "no bridge"}. Calibrate again.");
            }

            int length = medium.HasGap(found.QueryModality) ? medium.Space.Dimensions : 0;
            if (found.QueryMean.Length != length || found.ItemMean.Length != length)
                throw new InvalidDataException($"{Path.GetFileName(path)}: the means of '{found.Medium}' have {found.QueryMean.Length} and {found.ItemMean.Length} numbers, not {length}. Calibrate again.");
            loaded[(found.QueryModality, found.Medium)] = found;
        }

        _calibrations = loaded;
    }

    private static void EnsureEnough(int background)
    {
        if (background < LeastQueries)
            throw new ArgumentException($"{background} background queries are too few to calibrate by. Give at least {LeastQueries}.", nameof(background));
    }

    private async Task CalibrateAsync(Func<SearchMedium, IReadOnlyList<Embedding<float>>> background, EmbeddingModality queryModality, CancellationToken cancellationToken)
    {
        var measured = new Dictionary<(EmbeddingModality, string), MediumCalibration>(_calibrations);
        foreach (SearchMedium medium in _media)
        {
            IReadOnlyList<Embedding<float>> queries = background(medium);
            bool hasGap = medium.HasGap(queryModality);
            var calibration = new MediumCalibration
            {
                Medium = medium.Name,
                QueryModality = queryModality,
                ItemModality = medium.Modality,
                SpaceId = medium.Space.SpaceId,
                Bridge = medium.Bridge,
                QueryMean = hasGap ? SearchMedium.Mean(queries) : default,
                ItemMean = hasGap ? medium.ItemMean() : default,
                ScoreMean = 0,
                ScoreDeviation = 1,
                Queries = queries.Count,
            };
            var best = new List<double>();
            foreach (Embedding<float> query in queries)
                best.AddRange((await medium.SearchAsync(query, calibration, 1, cancellationToken).ConfigureAwait(false)).Take(1).Select(item => item.Score));
            if (best.Count < LeastQueries)
                throw new ArgumentException($"{medium.Name} gave a score for {best.Count} of {queries.Count} background queries. Its search must give its best item whatever the score.", nameof(background));
            double mean = best.Average(), deviation = Math.Sqrt(best.Average(score => (score - mean) * (score - mean)));
            if (!(deviation > 0))
                throw new ArgumentException($"{medium.Name} gives all {best.Count} background queries the score {mean:0.####}; scores that do not differ cannot be calibrated. Give varied queries.", nameof(background));
            measured[(queryModality, medium.Name)] = calibration with { ScoreMean = mean, ScoreDeviation = deviation };
        }

        _calibrations = measured;
    }

    private async Task<IReadOnlyList<MixedMatch>> SearchAsync(Func<SearchMedium, Embedding<float>> query, EmbeddingModality queryModality, int top, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        var found = new List<IReadOnlyList<MixedMatch>>();
        foreach (SearchMedium medium in _media)
        {
            MediumCalibration calibration = _calibrations.GetValueOrDefault((queryModality, medium.Name))
                ?? throw new InvalidOperationException($"{medium.Name} is not calibrated for queries of {queryModality}. Call CalibrateAsync or LoadCalibration first.");
            IReadOnlyList<ScoredItem> items = await medium.SearchAsync(query(medium), calibration, top, cancellationToken).ConfigureAwait(false);
            found.Add([.. items.Select(item => new MixedMatch(item.Id, medium.Name, medium.Modality, item.Score, calibration.Standardize(item.Score)))]);
        }

        double best = found.SelectMany(matches => matches).Select(match => match.StandardScore).DefaultIfEmpty(double.NegativeInfinity).Max();
        return [.. found.Where(matches => matches.Count > 0 && matches.Max(match => match.StandardScore) >= best - _options.Margin)
            .SelectMany(matches => matches).Where(match => match.StandardScore >= _options.Threshold).OrderByDescending(match => match.StandardScore).Take(top)];
    }
}

/// <summary>What a mixed search found.</summary>
/// <param name="Id">The item.</param>
/// <param name="Medium">The medium's name.</param>
/// <param name="Modality">The item's medium.</param>
/// <param name="Score">The score within the medium; does not compare with other media's.</param>
/// <param name="StandardScore">Deviations above what background queries score; compares between media.</param>
public sealed record MixedMatch(string Id, string Medium, EmbeddingModality Modality, double Score, double StandardScore);

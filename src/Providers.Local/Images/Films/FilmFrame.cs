namespace Polymodal.Providers.Local.Images;

/// <summary>A picture of a film.</summary>
/// <param name="Time">When it is shown, from the start of the film.</param>
/// <param name="Picture">What is shown, three channels, turned as the film says.</param>
public sealed record FilmFrame(TimeSpan Time, PixelBuffer Picture);

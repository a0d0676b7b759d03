namespace Polymodal.Providers.Local.Images;

/// <summary>Reads pictures with libvips, some rows at a time, on the calling thread.</summary>
internal static unsafe class VipsReader
{
    // Rows that are fetched at a time are about this many bytes: they stay in the processor's cache, and their memory in the allocator's, which asks the system for larger pieces each time.
    private const int StripBytes = 1 << 16;

    // Picture kinds of libvips (VipsInterpretation).
    private const int Cmyk = 15;

    /// <summary>Reads a picture as red, green, blue.</summary>
    public static PixelBuffer Read(ReadOnlyMemory<byte> file, ImageFormat format, ImageDecodingOptions options, CancellationToken cancellationToken)
    {
        if (format == ImageFormat.Jpeg)
            JpegMarkers.CheckReadable(file.Span);
        if (format == ImageFormat.Tiff && TiffTags.Find(file.Span, TiffTags.Photometric) is TiffTags.Lab or TiffTags.IccLab or TiffTags.ItuLab)
            throw new NotSupportedException("the picture is a TIFF in L*a*b* colours, which is not read here. Save it in RGB.");
        if (format == ImageFormat.Png)
            PngChunks.CheckHeader(file.Span);
        Vips.EnsureStarted();
        using var pin = file.Pin();
        nint image = Open((byte*)pin.Pointer, file.Length, format, format.HasPages ? options.Frame : 0);
        using var time = new CancellationTokenSource(options.Timeout);
        CancellationTokenRegistration timedOut = default, cancelled = default;
        try
        {
            int width = Vips.vips_image_get_width(image), height = Vips.vips_image_get_height(image);
            options.CheckSize(format, width, height);
            timedOut = time.Token.UnsafeRegister(static state => Vips.vips_image_set_kill((nint)state!, 1), image);
            cancelled = cancellationToken.UnsafeRegister(static state => Vips.vips_image_set_kill((nint)state!, 1), image);
            bool isTiff = format == ImageFormat.Tiff;
            var rows = new VipsRows(Vips.vips_image_get_bands(image), Vips.vips_image_get_format(image), options.Background)
            {
                IsCmyk = Vips.vips_image_get_interpretation(image) == Cmyk,
                IsYCbCr = isTiff && TiffTags.Find(file.Span, TiffTags.Photometric) == TiffTags.YCbCr && TiffTags.Find(file.Span, TiffTags.Compression) != TiffTags.JpegCompression,
            };
            PixelBuffer picture = PixelBuffer.Create(width, height, options.RentsPixels);
            Copy(image, width, height, rows, picture.Buffer, format);
            return picture;
        }
        catch (InvalidDataException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (InvalidDataException exception) when (time.IsCancellationRequested)
        {
            throw new InvalidDataException($"the {format.Name} picture took longer than {options.Timeout.TotalSeconds:0.#} s. Make it smaller, or raise Timeout.", exception);
        }
        finally
        {
            timedOut.Dispose();
            cancelled.Dispose();
            Vips.g_object_unref(image);
        }
    }

    /// <summary>Pages or frames of a file.</summary>
    public static int CountPages(ReadOnlyMemory<byte> file, ImageFormat format)
    {
        Vips.EnsureStarted();
        using var pin = file.Pin();
        nint image = Open((byte*)pin.Pointer, file.Length, format, page: 0);
        int pages = Vips.vips_image_get_n_pages(image);
        Vips.g_object_unref(image);
        return Math.Max(1, pages);
    }

    // Reads the header. The bytes must stay where they are as long as the image lives.
    private static nint Open(byte* bytes, int length, ImageFormat format, int page)
    {
        nint operation = Vips.vips_operation_new(format.Loader!);
        if (operation == 0)
            throw new NotSupportedException($"this libvips has no loader for {format.Name}: {Vips.TakeError()}");
        nint blob = Vips.vips_blob_new(0, bytes, (nuint)length);
        var value = default(Vips.GValue);
        Vips.g_value_init(&value, Vips.vips_blob_get_type());
        Vips.g_value_set_boxed(&value, blob);
        Vips.g_object_set_property(operation, "buffer", &value);
        Vips.g_value_unset(&value);
        Vips.vips_area_unref(blob);
        _ = Vips.vips_object_set_argument_from_string(operation, "access", "sequential");
        _ = Vips.vips_object_set_argument_from_string(operation, "fail_on", format.FailOn);
        if (page > 0)
            _ = Vips.vips_object_set_argument_from_string(operation, "page", page.ToString(System.Globalization.CultureInfo.InvariantCulture));

        bool built = Vips.vips_cache_operation_buildp(&operation) == 0;
        nint image = 0;
        if (built)
        {
            var output = default(Vips.GValue);
            Vips.g_value_init(&output, Vips.vips_image_get_type());
            Vips.g_object_get_property(operation, "out", &output);
            image = Vips.g_value_dup_object(&output);
            Vips.g_value_unset(&output);
        }

        Vips.vips_object_unref_outputs(operation);
        Vips.g_object_unref(operation);
        return image != 0 ? image : throw Damaged(format);
    }

    private static void Copy(nint image, int width, int height, VipsRows rows, Span<byte> pixels, ImageFormat format)
    {
        nint region = Vips.vips_region_new(image);
        try
        {
            int strip = Math.Clamp(StripBytes / Math.Max(1, width * rows.PixelBytes), 1, height);
            for (int top = 0; top < height; top += strip)
            {
                int count = Math.Min(strip, height - top);
                nuint length;
                byte* fetched = Vips.vips_region_fetch(region, 0, top, width, count, &length);
                if (fetched == null)
                    throw Damaged(format);
                rows.ToRgb(new ReadOnlySpan<byte>(fetched, (int)length), pixels.Slice(top * width * 3, count * width * 3));
                Vips.g_free((nint)fetched);
            }
        }
        finally
        {
            Vips.g_object_unref(region);
        }
    }

    private static InvalidDataException Damaged(ImageFormat format) =>
        new($"the {format.Name} picture cannot be decoded: {Vips.TakeError()}. It is damaged or was cut; fetch it again.");
}

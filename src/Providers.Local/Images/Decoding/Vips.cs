using System.Reflection;
using System.Runtime.InteropServices;

namespace Polymodal.Providers.Local.Images;

/// <summary>The C interface of libvips and of the GLib inside it. Only calls with fixed arguments.</summary>
internal static unsafe partial class Vips
{
    /// <summary>The name that the imports have; the file is found by <see cref="Resolve"/>.</summary>
    private const string Library = "vips";

    // The library is one file with everything in it; its name carries its version, except on Windows.
    private static readonly string[] Patterns = ["libvips-cpp.so*", "libvips-cpp*.dylib", "libvips-42.dll"];
    private static readonly string[] SystemNames = ["libvips.so.42", "libvips.42.dylib", "libvips-42.dll"];
    private static readonly string[] Loaders = ["VipsForeignLoadJpeg", "VipsForeignLoadPng", "VipsForeignLoadWebp", "VipsForeignLoadTiff", "VipsForeignLoadHeif"];
    private static readonly Lazy<bool> Started = new(Start);

    // A type and room for any value.
    [StructLayout(LayoutKind.Sequential, Size = 24)]
    public struct GValue
    {
        public nuint Type;
    }

    /// <summary>Starts libvips, once for the process.</summary>
    /// <exception cref="NotSupportedException">The library is not there.</exception>
    public static void EnsureStarted() => _ = Started.Value;

    /// <summary>What went wrong in the last call of this thread's, as one line.</summary>
    public static string TakeError()
    {
        nint text = vips_error_buffer_copy();
        string message = Marshal.PtrToStringUTF8(text) ?? "";
        g_free(text);
        return message.Split('\n', 2)[0].Trim();
    }

    private static bool Start()
    {
        NativeLibrary.SetDllImportResolver(typeof(Vips).Assembly, Resolve);
        try
        {
            g_log_set_default_handler(&Ignore, 0);
            if (vips_init("polymodal") != 0)
                throw new NotSupportedException($"libvips could not be started: {TakeError()}");
        }
        catch (DllNotFoundException exception)
        {
            throw new NotSupportedException(
                $"libvips, which decodes JPEG, PNG, WebP, TIFF and AVIF, was not found beside the program for {RuntimeInformation.RuntimeIdentifier}. Build where npm is reachable, install libvips 8.15 or newer, or give an IImageDecoder.", exception);
        }

        // Runs are planned by the engine: a picture is decoded on the thread that asks for it.
        vips_concurrency_set(1);
        vips_cache_set_max(0);
        vips_operation_block_set("VipsForeignLoad", 1);
        vips_operation_block_set("VipsForeignSave", 1);
        foreach (string loader in Loaders)
            vips_operation_block_set(loader, 0);
        vips_block_untrusted_set(1);
        return true;
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Library)
            return 0;
        string[] folders = [AppContext.BaseDirectory, Path.Combine(AppContext.BaseDirectory, "runtimes", RuntimeInformation.RuntimeIdentifier, "native")];
        foreach (string file in folders.Where(Directory.Exists).SelectMany(folder => Patterns.SelectMany(pattern => Directory.EnumerateFiles(folder, pattern))))
        {
            if (NativeLibrary.TryLoad(file, out nint handle))
                return handle;
        }

        foreach (string system in SystemNames)
        {
            if (NativeLibrary.TryLoad(system, out nint handle))
                return handle;
        }

        return 0;
    }

    // What GLib would print to the error stream.
    [UnmanagedCallersOnly(CallConvs = [typeof(System.Runtime.CompilerServices.CallConvCdecl)])]
    private static void Ignore(byte* domain, int level, byte* message, nint data)
    {
    }

#pragma warning disable IDE1006, SA1300 // The names are the library's.
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int vips_init(string name);

    [LibraryImport(Library)]
    private static partial void vips_concurrency_set(int threads);

    [LibraryImport(Library)]
    private static partial void vips_cache_set_max(int operations);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    private static partial void vips_operation_block_set(string name, int state);

    [LibraryImport(Library)]
    private static partial void vips_block_untrusted_set(int state);

    [LibraryImport(Library)]
    private static partial nint g_log_set_default_handler(delegate* unmanaged[Cdecl]<byte*, int, byte*, nint, void> handler, nint data);

    [LibraryImport(Library)]
    private static partial nint vips_error_buffer_copy();

    [LibraryImport(Library)]
    public static partial void g_free(nint memory);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint vips_operation_new(string name);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int vips_object_set_argument_from_string(nint instance, string name, string value);

    [LibraryImport(Library)]
    public static partial nint vips_blob_new(nint freeFunction, void* data, nuint length);

    [LibraryImport(Library)]
    public static partial nuint vips_blob_get_type();

    [LibraryImport(Library)]
    public static partial nuint vips_image_get_type();

    [LibraryImport(Library)]
    public static partial void vips_area_unref(nint area);

    [LibraryImport(Library)]
    public static partial GValue* g_value_init(GValue* value, nuint type);

    [LibraryImport(Library)]
    public static partial void g_value_set_boxed(GValue* value, nint boxed);

    [LibraryImport(Library)]
    public static partial nint g_value_dup_object(GValue* value);

    [LibraryImport(Library)]
    public static partial void g_value_unset(GValue* value);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial void g_object_set_property(nint instance, string name, GValue* value);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial void g_object_get_property(nint instance, string name, GValue* value);

    [LibraryImport(Library)]
    public static partial void g_object_unref(nint instance);

    [LibraryImport(Library)]
    public static partial int vips_cache_operation_buildp(nint* operation);

    [LibraryImport(Library)]
    public static partial void vips_object_unref_outputs(nint instance);

    [LibraryImport(Library)]
    public static partial int vips_image_get_width(nint image);

    [LibraryImport(Library)]
    public static partial int vips_image_get_height(nint image);

    [LibraryImport(Library)]
    public static partial int vips_image_get_bands(nint image);

    [LibraryImport(Library)]
    public static partial int vips_image_get_format(nint image);

    [LibraryImport(Library)]
    public static partial int vips_image_get_interpretation(nint image);

    [LibraryImport(Library)]
    public static partial int vips_image_get_n_pages(nint image);

    [LibraryImport(Library)]
    public static partial void vips_image_set_kill(nint image, int kill);

    [LibraryImport(Library)]
    public static partial nint vips_region_new(nint image);

    [LibraryImport(Library)]
    public static partial byte* vips_region_fetch(nint region, int left, int top, int width, int height, nuint* length);
#pragma warning restore IDE1006, SA1300
}

using System.Text;
using Polymodal.Providers.Local.Tokenization;

namespace Polymodal.Providers.Local.Tests.Tokenization;

public sealed class JsonNumberTests
{
    [Theory]
    [InlineData("0", 0), InlineData("-0.0", -0.0), InlineData("7", 7), InlineData("-12.5", -12.5), InlineData("1e3", 1000), InlineData("1E+3", 1000), InlineData("25e-1", 2.5)]
    [InlineData("-9.2109375", -9.2109375), InlineData("18446744073709551615", 18446744073709551615d), InlineData("0.1", 0.1), InlineData("1e308", 1e308), InlineData("0e999", 0)]
    [InlineData("1e309", double.PositiveInfinity), InlineData("1e99999999999", double.PositiveInfinity), InlineData("1e-99999999999", 0)]
    [InlineData("1e-320", 1e-320)]
    public void Reads_what_the_nearest_number_is_where_the_way_there_is_exact(string text, double expected) => Assert.Equal(expected, Read(text));

    [Theory]
    [InlineData("-1.6666666666666665", -16666666666666664d / 1e16)] // The digits alone are more than a double holds.
    [InlineData("184467440737095516159", 18446744073709551615d * 10)] // A digit beyond 64 bits only scales.
    [InlineData("1.84467440737095516159", 18446744073709551615d / 1e19)] // Behind the point it is dropped.
    public void Rounds_twice_as_the_reference_does(string text, double expected) => Assert.Equal(expected, Read(text));

    private static double Read(string text) => JsonNumber.Read(Encoding.UTF8.GetBytes(text));
}

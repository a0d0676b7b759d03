using System.Numerics.Tensors;

namespace Polymodal.Multimodal;

/// <summary>The two decompositions that a learned map needs, in double precision. Matrices are arrays of rows.</summary>
/// <remarks>Written here because the usual library reads types by name at run time, which ahead-of-time compilation does not allow.</remarks>
internal static class LinearAlgebra
{
    private const int MostSweeps = 60;

    /// <summary>The product of one matrix's transpose with another.</summary>
    /// <param name="left">[n][a].</param>
    /// <param name="right">[n][b].</param>
    /// <returns>[a][b].</returns>
    public static double[][] TransposedTimes(double[][] left, double[][] right)
    {
        double[][] product = Zeros(left[0].Length, right[0].Length);
        for (int row = 0; row < left.Length; row++)
        {
            for (int i = 0; i < product.Length; i++)
            {
                if (left[row][i] != 0)
                    TensorPrimitives.MultiplyAdd(right[row], left[row][i], product[i], product[i]);
            }
        }

        return product;
    }

    /// <summary>Solves A X = B by Cholesky's decomposition.</summary>
    /// <param name="matrix">[n][n], symmetric and positive definite; overwritten.</param>
    /// <param name="right">[n][m]; becomes X.</param>
    /// <exception cref="ArgumentException">The matrix is not positive definite.</exception>
    public static void SolveSymmetric(double[][] matrix, double[][] right)
    {
        int size = matrix.Length;
        for (int i = 0; i < size; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                double rest = matrix[i][j] - TensorPrimitives.Dot<double>(matrix[i].AsSpan(0, j), matrix[j].AsSpan(0, j));
                if (i == j && !(rest > 0))
                    throw new ArgumentException("the examples' vectors do not determine a map. Raise Ridge, or give more examples.", nameof(matrix));
                matrix[i][j] = i == j ? Math.Sqrt(rest) : rest / matrix[j][j];
            }
        }

        for (int i = 0; i < size; i++)
        {
            for (int j = 0; j < i; j++)
                TensorPrimitives.MultiplyAdd(right[j], -matrix[i][j], right[i], right[i]);
            TensorPrimitives.Divide(right[i], matrix[i][i], right[i]);
        }

        for (int i = size - 1; i >= 0; i--)
        {
            for (int j = i + 1; j < size; j++)
                TensorPrimitives.MultiplyAdd(right[j], -matrix[j][i], right[i], right[i]);
            TensorPrimitives.Divide(right[i], matrix[i][i], right[i]);
        }
    }

    /// <summary>The nearest matrix with orthonormal columns (or rows, when it is wide): U Vᵀ of the singular value decomposition, by one-sided Jacobi rotations.</summary>
    /// <param name="matrix">[a][b].</param>
    /// <returns>[a][b]. Where the matrix has no full rank, the missing directions are completed.</returns>
    public static double[][] NearestOrthogonal(double[][] matrix)
    {
        if (matrix.Length < matrix[0].Length)
            return Transposed(NearestOrthogonal(Transposed(matrix)));
        double[][] columns = Transposed(matrix), turns = Zeros(columns.Length, columns.Length);
        for (int i = 0; i < turns.Length; i++)
            turns[i][i] = 1;
        bool turned = true;
        for (int sweep = 0; turned && sweep < MostSweeps; sweep++)
        {
            turned = false;
            for (int p = 0; p < columns.Length - 1; p++)
            {
                for (int q = p + 1; q < columns.Length; q++)
                    turned |= Turn(columns, turns, p, q);
            }
        }

        Orthonormalize(columns);
        // Row i of turns is column i of V: U Vᵀ is the sum of their outer products.
        return TransposedTimes(columns, turns);
    }

    private static bool Turn(double[][] columns, double[][] turns, int p, int q)
    {
        double a = TensorPrimitives.SumOfSquares<double>(columns[p]), b = TensorPrimitives.SumOfSquares<double>(columns[q]), c = TensorPrimitives.Dot<double>(columns[p], columns[q]);
        if (Math.Abs(c) <= 1e-14 * Math.Sqrt(a * b) || c == 0)
            return false;
        double zeta = (b - a) / (2 * c), tangent = (zeta < 0 ? -1 : 1) / (Math.Abs(zeta) + Math.Sqrt(1 + zeta * zeta)), cosine = 1 / Math.Sqrt(1 + tangent * tangent), sine = cosine * tangent;
        Rotate(columns[p], columns[q], cosine, sine);
        Rotate(turns[p], turns[q], cosine, sine);
        return true;
    }

    private static void Rotate(double[] first, double[] second, double cosine, double sine)
    {
        for (int i = 0; i < first.Length; i++)
            (first[i], second[i]) = (cosine * first[i] - sine * second[i], sine * first[i] + cosine * second[i]);
    }

    private static void Orthonormalize(double[][] columns)
    {
        double[] lengths = [.. columns.Select(column => TensorPrimitives.Norm<double>(column))];
        double least = lengths.Max() * 1e-10;
        var done = new List<double[]>();
        foreach (int place in Enumerable.Range(0, columns.Length).OrderByDescending(place => lengths[place]))
        {
            if (lengths[place] > least)
                TensorPrimitives.Divide(columns[place], lengths[place], columns[place]);
            else
                Complete(columns[place], done);
            done.Add(columns[place]);
        }
    }

    // The first axis that leaves enough once the directions there are have been taken off.
    private static void Complete(double[] column, List<double[]> done)
    {
        for (int axis = 0; axis < column.Length; axis++)
        {
            Array.Clear(column);
            column[axis] = 1;
            for (int pass = 0; pass < 2; pass++)
            {
                foreach (double[] other in done)
                    TensorPrimitives.MultiplyAdd(other, -TensorPrimitives.Dot<double>(other, column), column, column);
            }

            double length = TensorPrimitives.Norm<double>(column);
            if (length * length > 0.5 / column.Length)
            {
                TensorPrimitives.Divide(column, length, column);
                return;
            }
        }
    }

    private static double[][] Transposed(double[][] matrix)
    {
        double[][] turned = Zeros(matrix[0].Length, matrix.Length);
        for (int row = 0; row < matrix.Length; row++)
        {
            for (int column = 0; column < turned.Length; column++)
                turned[column][row] = matrix[row][column];
        }

        return turned;
    }

    private static double[][] Zeros(int rows, int columns) => [.. Enumerable.Range(0, rows).Select(_ => new double[columns])];
}

namespace OrleansAlign.Models.Tests.Engines.Conformance;

/// <summary>Comparisons relative to a tensor's largest magnitude, as float32 results are compared with float64 ones.</summary>
internal static class Near
{
    /// <summary>Asserts that no element is off by more than <paramref name="tolerance"/> times the largest expected magnitude.</summary>
    /// <param name="name">Name of the values in the message.</param>
    /// <param name="expected">The expected values.</param>
    /// <param name="actual">The actual values.</param>
    /// <param name="tolerance">Relative to the largest expected magnitude.</param>
    /// <param name="floor">Least magnitude that errors are relative to: a sum that cancels to nearly 0 has errors in proportion to its terms.</param>
    public static void Tensor(string name, IReadOnlyList<double> expected, IReadOnlyList<double> actual, double tolerance, double floor = 0)
    {
        Assert.True(expected.Count == actual.Count, $"{name}: {actual.Count} values where {expected.Count} were expected");
        double scale = Math.Max(floor, expected.Select(Math.Abs).DefaultIfEmpty(0).Max()), worst = 0;
        int at = 0;
        for (int i = 0; i < expected.Count; i++)
        {
            double error = Math.Abs(expected[i] - actual[i]);
            if (error <= worst) continue;
            if (double.IsNaN(error)) error = double.PositiveInfinity;
            (worst, at) = (error, i);
        }

        bool near = worst <= tolerance * scale && !double.IsNaN(actual.Sum());
        Assert.True(near, near ? "" : $"{name}[{at}] is {actual[at]:g9} where {expected[at]:g9} was expected: "
            + $"off by {worst / scale:e2} of {scale:g4}, allowed {tolerance:e0}");
    }

    public static void Tensor(string name, IReadOnlyList<float> expected, IReadOnlyList<float> actual, double tolerance, double floor = 0) =>
        Tensor(name, [.. expected.Select(x => (double)x)], [.. actual.Select(x => (double)x)], tolerance, floor);

    public static void Number(string name, double expected, double actual, double tolerance, double floor = 1e-3) =>
        Tensor(name, [expected], [actual], tolerance, floor);
}

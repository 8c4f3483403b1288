using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OrleansAlign.Models.Numerics;

/// <summary>
/// A matrix [tokens, columns] stored as panels of some columns, [columns / width][tokens][width]: what a sum over tokens reads in one stream.
/// </summary>
/// <remarks>Panel of columns [j, j + width) begins at j · tokens; the last may be narrower. Row-major, every token would lie on another page.</remarks>
internal static unsafe class TokenPanels
{
    /// <summary>Width of a right operand's panels.</summary>
    public const int Right = 32;

    /// <summary>Width of a left operand's panels: sixteen register tiles of six rows.</summary>
    public const int Left = 96;

    /// <summary>Copies rows into their place.</summary>
    /// <param name="source">Row-major rows.</param>
    /// <param name="stride">Floats between them.</param>
    /// <param name="count">Number of rows.</param>
    /// <param name="columns">Columns, a multiple of 32.</param>
    /// <param name="width">Width of a panel, a multiple of 32.</param>
    /// <param name="target">The whole matrix of panels.</param>
    /// <param name="tokens">Its tokens.</param>
    /// <param name="first">Token of the first row.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Store(float* source, int stride, int count, int columns, int width, float* target, int tokens, int first)
    {
        for (int j = 0; j < columns; j += width)
        {
            int own = Math.Min(width, columns - j);
            float* from = source + j, to = target + ((long)j * tokens) + ((long)first * own);
            for (int r = 0; r < count; r++, from += stride, to += own)
            {
                // A call for every 128 bytes would cost as much as the copy.
                for (int c = 0; c < own; c += 16) Vector512.Store(Vector512.Load(from + c), to + c);
            }
        }
    }
}

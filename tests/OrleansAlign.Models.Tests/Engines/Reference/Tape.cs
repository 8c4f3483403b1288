namespace OrleansAlign.Models.Tests.Engines.Reference;

/// <summary>A vector (or a row-major matrix) on a tape: its value, and the derivative of the loss with respect to it.</summary>
internal sealed class Node(double[] value)
{
    public double[] Value { get; } = value;

    public double[] Gradient { get; } = new double[value.Length];

    public int Length => Value.Length;
}

/// <summary>Reverse-mode differentiation in double precision with plain loops: each operation computes its value and records its backward step.</summary>
internal sealed class Tape
{
    private readonly Stack<Action> backward = [];

    /// <summary>Adds every derivative to the gradients, from those that were set on the results back to the parameters.</summary>
    public void Backward()
    {
        while (backward.TryPop(out Action? step)) step();
    }

    /// <summary>Row <paramref name="row"/> of a table with rows of <paramref name="width"/>.</summary>
    public Node Row(Node table, int row, int width)
    {
        Node y = new(table.Value[(row * width)..((row + 1) * width)]);
        backward.Push(() =>
        {
            for (int i = 0; i < width; i++) table.Gradient[(row * width) + i] += y.Gradient[i];
        });
        return y;
    }

    /// <summary>y = W x + b.</summary>
    public Node Linear(Node w, Node? b, Node x)
    {
        int rows = w.Length / x.Length, columns = x.Length;
        Node y = new(new double[rows]);
        for (int r = 0; r < rows; r++)
        {
            double sum = b is null ? 0 : b.Value[r];
            for (int c = 0; c < columns; c++) sum += w.Value[(r * columns) + c] * x.Value[c];
            y.Value[r] = sum;
        }

        backward.Push(() =>
        {
            for (int r = 0; r < rows; r++)
            {
                double g = y.Gradient[r];
                if (b is not null) b.Gradient[r] += g;
                for (int c = 0; c < columns; c++)
                {
                    w.Gradient[(r * columns) + c] += g * x.Value[c];
                    x.Gradient[c] += g * w.Value[(r * columns) + c];
                }
            }
        });
        return y;
    }

    public Node Add(Node a, Node b)
    {
        Node y = new([.. a.Value.Zip(b.Value, (p, q) => p + q)]);
        backward.Push(() =>
        {
            for (int i = 0; i < y.Length; i++)
            {
                a.Gradient[i] += y.Gradient[i];
                b.Gradient[i] += y.Gradient[i];
            }
        });
        return y;
    }

    /// <summary>y = x · factor, element by element; the factors are constants.</summary>
    public Node Scale(Node x, double[] factors)
    {
        Node y = new([.. x.Value.Zip(factors, (p, q) => p * q)]);
        backward.Push(() =>
        {
            for (int i = 0; i < y.Length; i++) x.Gradient[i] += y.Gradient[i] * factors[i];
        });
        return y;
    }

    /// <summary>x / √(mean x² + ε) · w, separately for each block of x that is as long as w.</summary>
    public Node RmsNorm(Node x, Node w, double epsilon)
    {
        int n = w.Length;
        Node y = new(new double[x.Length]);
        for (int start = 0; start < x.Length; start += n)
        {
            int s = start;
            double squares = 0;
            for (int i = 0; i < n; i++) squares += x.Value[s + i] * x.Value[s + i];
            double inverse = 1 / Math.Sqrt((squares / n) + epsilon);
            for (int i = 0; i < n; i++) y.Value[s + i] = x.Value[s + i] * inverse * w.Value[i];
            backward.Push(() =>
            {
                double dot = 0;
                for (int i = 0; i < n; i++)
                {
                    w.Gradient[i] += y.Gradient[s + i] * x.Value[s + i] * inverse;
                    dot += y.Gradient[s + i] * w.Value[i] * x.Value[s + i];
                }

                // d(x_i r)/dx_j = r δ_ij − x_i x_j r³ / n
                for (int j = 0; j < n; j++)
                {
                    x.Gradient[s + j] += (y.Gradient[s + j] * w.Value[j] * inverse) - (x.Value[s + j] * dot * inverse * inverse * inverse / n);
                }
            });
        }

        return y;
    }

    /// <summary>Turns the pair (i, i + D/2) of every head by the angle of its frequency.</summary>
    public Node Rotate(Node x, double[] angles, double factor)
    {
        int half = angles.Length;
        Node y = new(new double[x.Length]);
        double[] cos = [.. angles.Select(a => factor * Math.Cos(a))], sin = [.. angles.Select(a => factor * Math.Sin(a))];
        for (int head = 0; head < x.Length; head += 2 * half)
        {
            for (int i = 0; i < half; i++)
            {
                int a = head + i, b = head + i + half;
                y.Value[a] = (x.Value[a] * cos[i]) - (x.Value[b] * sin[i]);
                y.Value[b] = (x.Value[b] * cos[i]) + (x.Value[a] * sin[i]);
            }
        }

        backward.Push(() =>
        {
            for (int head = 0; head < x.Length; head += 2 * half)
            {
                for (int i = 0; i < half; i++)
                {
                    int a = head + i, b = head + i + half;
                    x.Gradient[a] += (y.Gradient[a] * cos[i]) + (y.Gradient[b] * sin[i]);
                    x.Gradient[b] += (y.Gradient[b] * cos[i]) - (y.Gradient[a] * sin[i]);
                }
            }
        });
        return y;
    }

    /// <summary>Softmax attention of one position over the keys and values of all positions up to it, head by head.</summary>
    /// <param name="q">Queries, [H · D].</param>
    /// <param name="keys">Per position, [K · D]; H / K neighbouring query heads share a key head.</param>
    /// <param name="values">As the keys.</param>
    /// <param name="headSize">D.</param>
    public Node Attend(Node q, IReadOnlyList<Node> keys, IReadOnlyList<Node> values, int headSize)
    {
        int heads = q.Length / headSize, group = heads / (keys[0].Length / headSize), count = keys.Count;
        Node[] k = [.. keys], v = [.. values];
        Node y = new(new double[q.Length]);
        double scale = 1 / Math.Sqrt(headSize);
        for (int h = 0; h < heads; h++)
        {
            int qStart = h * headSize, kvStart = h / group * headSize;
            double[] scores = new double[count];
            for (int t = 0; t < count; t++)
            {
                for (int i = 0; i < headSize; i++) scores[t] += q.Value[qStart + i] * k[t].Value[kvStart + i] * scale;
            }

            double[] weights = Softmax(scores);
            for (int t = 0; t < count; t++)
            {
                for (int i = 0; i < headSize; i++) y.Value[qStart + i] += weights[t] * v[t].Value[kvStart + i];
            }

            backward.Push(() =>
            {
                double[] weightGradient = new double[count];
                double mean = 0;
                for (int t = 0; t < count; t++)
                {
                    for (int i = 0; i < headSize; i++)
                    {
                        weightGradient[t] += y.Gradient[qStart + i] * v[t].Value[kvStart + i];
                        v[t].Gradient[kvStart + i] += y.Gradient[qStart + i] * weights[t];
                    }

                    mean += weights[t] * weightGradient[t];
                }

                for (int t = 0; t < count; t++)
                {
                    double score = weights[t] * (weightGradient[t] - mean) * scale;
                    for (int i = 0; i < headSize; i++)
                    {
                        q.Gradient[qStart + i] += score * k[t].Value[kvStart + i];
                        k[t].Gradient[kvStart + i] += score * q.Value[qStart + i];
                    }
                }
            });
        }

        return y;
    }

    /// <summary>silu(gate) · up.</summary>
    public Node SwiGlu(Node gate, Node up)
    {
        Node y = new(new double[gate.Length]);
        for (int i = 0; i < y.Length; i++) y.Value[i] = gate.Value[i] * Sigmoid(gate.Value[i]) * up.Value[i];
        backward.Push(() =>
        {
            for (int i = 0; i < y.Length; i++)
            {
                double g = gate.Value[i], s = Sigmoid(g);
                up.Gradient[i] += y.Gradient[i] * g * s;
                gate.Gradient[i] += y.Gradient[i] * up.Value[i] * s * (1 + (g * (1 - s)));
            }
        });
        return y;
    }

    /// <summary>log softmax(logits)[id], a vector of one element.</summary>
    public Node LogProb(Node logits, int id)
    {
        Node y = new([logits.Value[id] - LogSumExp(logits.Value)]);
        backward.Push(() =>
        {
            double[] p = Softmax(logits.Value);
            for (int i = 0; i < p.Length; i++) logits.Gradient[i] += y.Gradient[0] * ((i == id ? 1 : 0) - p[i]);
        });
        return y;
    }

    public static double LogSumExp(double[] x)
    {
        double max = x.Max();
        return max + Math.Log(x.Sum(v => Math.Exp(v - max)));
    }

    public static double[] Softmax(double[] x)
    {
        double log = LogSumExp(x);
        return [.. x.Select(v => Math.Exp(v - log))];
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}

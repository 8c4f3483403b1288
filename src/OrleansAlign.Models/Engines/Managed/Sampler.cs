using OrleansAlign.Models.Engines.Shared;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Models.Engines.Managed;

/// <summary>
/// Draws completions by continuous batching: each prompt is computed once, and the next request takes a finished stream's place at once.
/// </summary>
/// <remarks>
/// A row does not depend on its neighbours, and the uniform number of token t depends on (seed, t) alone, so scheduling cannot change a completion.
/// </remarks>
internal sealed unsafe class Sampler<V>(
    Parameters parameters, Shape shape, WorkerPool pool, Transformer<V> transformer, VocabularyHead<V> head, ManagedEngineOptions options)
    : IDisposable
    where V : struct, ISimd<V>
{
    /// <summary>Streams that a thread decodes together: enough rows to use the weights well, few enough that keys and values stay in its cache.</summary>
    private const int StreamsPerTask = 16;

    /// <summary>Tokens that each stream draws before all threads synchronise and finished streams are replaced.</summary>
    private const int StepsPerRound = 16;

    private readonly KeyValuePages pages = new(parameters.Config, parameters.Config.Layers);
    private readonly FloatBuffer logits = new();
    private readonly FloatBuffer[] weights = [.. Enumerable.Range(0, pool.Threads).Select(_ => new FloatBuffer())];
    private readonly TokenChooser<V>[] choosers = [.. Enumerable.Range(0, pool.Threads).Select(_ => new TokenChooser<V>())];
    private readonly RowBatch batch = new();
    private readonly RowBatch[] batches = [.. Enumerable.Range(0, pool.Threads).Select(_ => new RowBatch())];
    private readonly bool byStreams = transformer.SmallWeights && head.SmallWeights;
    private readonly List<int> scored = [];
    private readonly List<Draw> draws = [];
    private double[] logPartition = [];
    private PrefixPlan? plan;

    /// <summary>Number of pages held; 0 between calls.</summary>
    public int PagesInUse => pages.InUse;

    /// <summary>Draws one completion per request.</summary>
    public Sample[] Sample(IReadOnlyList<SampleRequest> requests, CancellationToken cancel)
    {
        var results = new Sample[requests.Count];
        Queue<Stream> waiting = new(Plan(requests));
        List<Prompt> prompts = [.. waiting.Select(s => s.Prompt).Distinct()];
        List<Stream> live = [];
        int reserved = 0, budget = (int)Math.Clamp(options.CacheBytes / (pages.PageFloats * sizeof(float)), 1, int.MaxValue);
        try
        {
            while (live.Count + waiting.Count > 0)
            {
                cancel.ThrowIfCancellationRequested();
                batch.Clear();
                scored.Clear();
                draws.Clear();
                int decoding = live.Count;
                Admit(waiting, live, ref reserved, budget);
                if (live.Count == decoding && decoding > 1 && byStreams)
                {
                    DecodeByStreams(live, cancel);
                }
                else
                {
                    for (int i = 0; i < decoding; i++) Decode(live[i]);
                    Compute(cancel);
                }

                for (int i = live.Count - 1; i >= 0; i--)
                {
                    Stream stream = live[i];
                    if (stream.Finish is not { } finish) continue;
                    results[stream.Index] = new Sample([.. stream.Tokens], [.. stream.LogProbs], finish);
                    reserved -= stream.Reserved;
                    Release(stream);
                    live.RemoveAt(i);
                }
            }
        }
        finally
        {
            plan?.ReleasePrefixes();
            plan = null;
            foreach (Stream stream in live) Release(stream);
            foreach (Prompt prompt in prompts) prompt.Release(pages);
        }

        return results;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        pages.Dispose();
        logits.Dispose();
        foreach (FloatBuffer buffer in weights) buffer.Dispose();
    }

    private List<Stream> Plan(IReadOnlyList<SampleRequest> requests)
    {
        Dictionary<int[], Prompt> prompts = new(TokenComparer.Instance);
        List<Stream> streams = [];
        int context = parameters.Config.ContextLength;
        for (int i = 0; i < requests.Count; i++)
        {
            SampleRequest request = requests[i];
            if (!prompts.TryGetValue(request.Prompt, out Prompt? prompt)) prompts.Add(request.Prompt, prompt = new Prompt(request.Prompt));
            int room = Math.Min(request.Options.MaxNewTokens, context - request.Prompt.Length);
            prompt.Users++;
            streams.Add(new Stream(i, request, prompt, room) { Reserved = KeyValuePages.PagesFor(request.Prompt.Length + room) });
        }

        return streams;
    }

    // The next row of a live stream: its latest token.
    private void Decode(Stream stream)
    {
        if (stream.Owned < KeyValuePages.PagesFor(stream.Position + 1)) stream.Pages[stream.Owned++] = pages.Rent();
        int row = batch.Add([stream.Tokens[^1]], stream.Position, stream.Pages);
        draws.Add(new Draw(stream, scored.Count));
        scored.Add(row);
    }

    // Admits requests in order while the cache has room; their prompts join this round's rows.
    private void Admit(Queue<Stream> waiting, List<Stream> live, ref int reserved, int budget)
    {
        if (waiting.Count == 0) return;
        int prefill = 0;
        List<Prompt> entering = [];
        while (waiting.TryPeek(out Stream? stream) && live.Count < options.MaxStreams)
        {
            Prompt prompt = stream.Prompt;
            int pagesOfPrompt = prompt.Pages is null ? KeyValuePages.PagesFor(prompt.Tokens.Length) : 0;
            if (live.Count > 0 && reserved + stream.Reserved + pagesOfPrompt > budget) break;
            if (prompt.Pages is null)
            {
                if (prefill > 0 && prefill + prompt.Tokens.Length > options.PrefillTokens) break;
                prefill += prompt.Tokens.Length;
                prompt.Pages = [];
                prompt.ScoredRow = scored.Count + entering.Count;
                entering.Add(prompt);
            }

            waiting.Dequeue();
            reserved += stream.Reserved;
            live.Add(stream);
            draws.Add(new Draw(stream, prompt.Logits is null ? prompt.ScoredRow : -1));
        }

        if (entering.Count == 0) return;
        plan = new PrefixPlan(batch, pages, [.. entering.Select(p => p.Tokens)]);
        for (int i = 0; i < entering.Count; i++)
        {
            entering[i].Pages = plan.Pages[i];
            scored.Add(plan.Rows[i][^1]);
        }
    }

    // Some steps of all live streams: each thread takes a few streams at a time through all steps, so that their keys and values stay in its cache.
    private void DecodeByStreams(List<Stream> live, CancellationToken cancel)
    {
        int longest = 0;
        foreach (Stream stream in live)
        {
            int end = Math.Min(stream.Position + StepsPerRound, stream.Request.Prompt.Length + stream.Room);
            while (stream.Owned < KeyValuePages.PagesFor(end)) stream.Pages[stream.Owned++] = pages.Rent();
            longest = Math.Max(longest, end);
        }

        EnsureBuffers();
        transformer.Rope.Ensure(longest);
        int perThread = (live.Count + pool.Threads - 1) / pool.Threads, parts = pool.Threads * ((perThread + StreamsPerTask - 1) / StreamsPerTask);
        pool.Run(parts, (part, worker) =>
        {
            int first = (int)((long)live.Count * part / parts), end = (int)((long)live.Count * (part + 1) / parts);
            for (int step = 0; step < StepsPerRound && DecodeOnce(live, first, end, worker, cancel); step++)
            {
            }
        });
    }

    // One step of streams [first, end) that have not finished; false if all have.
    private bool DecodeOnce(List<Stream> live, int first, int end, int worker, CancellationToken cancel)
    {
        RowBatch rows = batches[worker];
        rows.Clear();
        for (int i = first; i < end; i++)
        {
            if (live[i].Finish is null) rows.Add([live[i].Tokens[^1]], live[i].Position, live[i].Pages);
        }

        if (rows.Rows == 0) return false;
        Span<double> partition = stackalloc double[StreamsPerTask];
        float* row = head.ScoreRows(transformer.Decode(rows, pages, worker, cancel), rows.Rows, partition, worker);
        for (int i = first, r = 0; i < end; i++)
        {
            if (live[i].Finish is not null) continue;
            Next(live[i], row, partition[r++], worker);
            row += shape.VocabularyStride;
        }

        return true;
    }

    private void EnsureBuffers()
    {
        if (logPartition.Length < draws.Count) logPartition = new double[Math.Max(draws.Count, 64)];
        foreach (FloatBuffer buffer in weights) buffer.Ensure(shape.VocabularyStride);
    }

    private void Compute(CancellationToken cancel)
    {
        EnsureBuffers();
        int vocabulary = parameters.Config.VocabularySize, stride = shape.VocabularyStride;
        float* rows = logits.Ensure((long)Math.Max(1, scored.Count) * stride);
        if (scored.Count > 0)
        {
            float* residual = transformer.Forward(batch, pages, null, null, cancel);
            head.Score(head.Normalize(residual, scored), scored.Count, logPartition, [], [], rows);
        }

        plan?.ReleasePrefixes();
        plan = null;
        void One(int index, int worker)
        {
            (Stream stream, int row) = draws[index];
            if (row >= 0) Next(stream, rows + ((long)row * stride), logPartition[row], worker);
            else fixed (float* kept = stream.Prompt.Logits) Next(stream, kept, stream.Prompt.LogPartition, worker);
        }

        if ((long)draws.Count * vocabulary < 1 << 15)
        {
            for (int i = 0; i < draws.Count; i++) One(i, 0);
        }
        else
        {
            pool.Run(draws.Count, One);
        }

        foreach ((Stream stream, int row) in draws)
        {
            if (stream.Tokens.Count == 1) Fork(stream, row, rows, stride);
        }
    }

    private void Next(Stream stream, float* row, double partition, int worker)
    {
        SampleRequest request = stream.Request;
        int t = stream.Tokens.Count;
        double uniform = CounterRandom.Uniform(request.Seed, (ulong)t);
        int token = choosers[worker].Choose(row, parameters.Config.VocabularySize, weights[worker].Pointer, request.Options, uniform);
        stream.Tokens.Add(token);
        stream.LogProbs.Add((float)(row[token] - partition));
        if (request.StopTokens.Contains(token)) stream.Finish = FinishReason.Stop;
        else if (stream.Tokens.Count == stream.Room) stream.Finish = FinishReason.Length;
    }

    // After the first token: a stream takes over the prompt's pages, sharing the full ones and copying the last if it is not full.
    private void Fork(Stream stream, int row, float* rows, int stride)
    {
        Prompt prompt = stream.Prompt;
        prompt.Users--;
        if (stream.Finish is null)
        {
            stream.Pages = new int[stream.Reserved];
            int full = prompt.Tokens.Length / KeyValuePages.Tokens;
            for (int p = 0; p < full; p++) pages.Share(stream.Pages[p] = prompt.Pages![p]);
            stream.Owned = full;
            if (prompt.Tokens.Length % KeyValuePages.Tokens != 0) pages.Copy(prompt.Pages![full], stream.Pages[stream.Owned++] = pages.Rent());
        }

        if (prompt.Users == 0)
        {
            prompt.Release(pages);
        }
        else if (prompt.Logits is null)
        {
            prompt.Logits = new Span<float>(rows + ((long)row * stride), stride).ToArray();
            prompt.LogPartition = logPartition[row];
        }
    }

    private void Release(Stream stream)
    {
        for (int p = 0; p < stream.Owned; p++) pages.Return(stream.Pages[p]);
        stream.Owned = 0;
        stream.Pages = [];
    }

    private readonly record struct Draw(Stream Stream, int Row);

    private sealed class Prompt(int[] tokens)
    {
        public int[] Tokens { get; } = tokens;

        public int[]? Pages { get; set; }

        /// <summary>Requests that have not yet drawn their first token.</summary>
        public int Users { get; set; }

        public int ScoredRow { get; set; }

        /// <summary>The last row's logits, kept until every request has drawn its first token from them.</summary>
        public float[]? Logits { get; set; }

        public double LogPartition { get; set; }

        public void Release(KeyValuePages pages)
        {
            foreach (int page in Pages ?? []) pages.Return(page);
            Pages = [];
        }
    }

    private sealed class Stream(int index, SampleRequest request, Prompt prompt, int room)
    {
        public int Index { get; } = index;

        public SampleRequest Request { get; } = request;

        public Prompt Prompt { get; } = prompt;

        /// <summary>Most tokens that the stream may draw.</summary>
        public int Room { get; } = room;

        /// <summary>Most pages that the stream can hold.</summary>
        public int Reserved { get; init; }

        /// <summary>Position of the stream's latest token.</summary>
        public int Position => Request.Prompt.Length + Tokens.Count - 1;

        public int[] Pages { get; set; } = [];

        /// <summary>Pages held so far.</summary>
        public int Owned { get; set; }

        public List<int> Tokens { get; } = [];

        public List<float> LogProbs { get; } = [];

        public FinishReason? Finish { get; set; }
    }
}

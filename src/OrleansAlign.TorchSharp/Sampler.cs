using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Engines.Shared;
using OrleansAlign.Models.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace OrleansAlign.TorchSharp;

/// <summary>
/// Draws completions by continuous batching: a prompt is computed once for all its requests, and the next request takes a finished stream's place at once.
/// </summary>
/// <remarks>
/// Live streams fill slots 0 … n − 1 of the cache; when one ends, the last moves into its slot. Streams of one prompt enter one after another, so that
/// at most one prompt's keys and values are kept outside the cache. Token t of a request depends on (seed, t) and its own logits alone.
/// </remarks>
internal sealed class Sampler(ParameterSet parameters, EngineSettings settings, Transformer transformer, RotaryTensors rotary, VocabularyHead head)
{
    private readonly ModelConfig config = parameters.Config;

    /// <summary>Draws one completion per request.</summary>
    public Sample[] Sample(IReadOnlyList<SampleRequest> requests, CancellationToken cancel)
    {
        var results = new Sample[requests.Count];
        if (requests.Count == 0) return results;
        using IDisposable still = no_grad();
        Queue<Stream> waiting = new(Plan(requests));
        List<Stream> live = [];
        int longest = waiting.Max(s => s.Prompt.Tokens.Length + s.Room);
        int slots = (int)Math.Clamp(settings.CacheTokens / longest, 1, Math.Min(settings.MaxStreams, requests.Count));
        using var cache = new KeyValueCache(config, settings, slots);
        Prompt[] prompts = [.. waiting.Select(s => s.Prompt).Distinct()];
        try
        {
            while (live.Count + waiting.Count > 0)
            {
                cancel.ThrowIfCancellationRequested();
                using (NewDisposeScope()) Admit(waiting, live, slots, cache, longest, cancel);
                Retire(live, cache, results);
                if (live.Count == 0) continue;
                using (NewDisposeScope()) Decode(live, cache, longest, cancel);
                Retire(live, cache, results);
            }
        }
        finally
        {
            foreach (Prompt prompt in prompts) prompt.Forget();
        }

        return results;
    }

    private List<Stream> Plan(IReadOnlyList<SampleRequest> requests)
    {
        Dictionary<int[], Prompt> prompts = new(TokenComparer.Instance);
        List<Stream> streams = [];
        for (int i = 0; i < requests.Count; i++)
        {
            SampleRequest request = requests[i];
            if (!prompts.TryGetValue(request.Prompt, out Prompt? prompt)) prompts.Add(request.Prompt, prompt = new Prompt(request.Prompt, prompts.Count));
            prompt.Waiting++;
            streams.Add(new Stream(i, request, prompt, Math.Min(request.Options.MaxNewTokens, config.ContextLength - request.Prompt.Length)));
        }

        return [.. streams.OrderBy(s => s.Prompt.Order).ThenBy(s => s.Index)];
    }

    // Admits requests while slots are free; new prompts are computed in one pass, and every stream that entered draws its first token.
    private void Admit(Queue<Stream> waiting, List<Stream> live, int slots, KeyValueCache cache, int longest, CancellationToken cancel)
    {
        int before = live.Count, tokens = 0;
        List<Prompt> entering = [];
        while (waiting.TryPeek(out Stream? stream) && live.Count < slots)
        {
            if (stream.Prompt.Row < 0)
            {
                if (tokens > 0 && tokens + stream.Prompt.Tokens.Length > settings.PassTokens) break;
                tokens += stream.Prompt.Tokens.Length;
                stream.Prompt.Row = entering.Count;
                entering.Add(stream.Prompt);
            }

            waiting.Dequeue();
            stream.Prompt.Waiting--;
            live.Add(stream);
        }

        if (live.Count == before) return;
        Stream[] entered = [.. live.Skip(before)];
        cache.Ensure(entered.Max(s => s.Prompt.Tokens.Length) + 1, longest);
        List<Tensor> last = [];
        if (entering.Count > 0) last.Add(Read(entering, live, before, cache, cancel));
        Prompt? kept = entered[0].Prompt.Keys.Count > 0 && !entering.Contains(entered[0].Prompt) ? entered[0].Prompt : null;
        if (kept is not null)
        {
            Restore(kept, live, before, cache);
            last.Add(kept.Last!);
            kept.Row = entering.Count;
        }

        Tensor rows = last.Count == 1 ? last[0] : cat(last, 0);
        Draw(entered, rows.index_select(0, HostMemory.Indices([.. entered.Select(s => s.Prompt.Row)], settings.Device)), cancel);
        foreach (Prompt prompt in entered.Select(s => s.Prompt).Distinct())
        {
            if (prompt.Waiting > 0 && prompt.Last is null) prompt.Last = rows.narrow(0, prompt.Row, 1).clone().DetachFromDisposeScope();
            else if (prompt.Waiting == 0) prompt.Forget();
        }
    }

    // Prompts' forward pass; returns each one's last row after the final norm.
    private Tensor Read(List<Prompt> prompts, List<Stream> live, int before, KeyValueCache cache, CancellationToken cancel)
    {
        var packed = new PackedRows([.. prompts.Select(p => new ArraySegment<int>(p.Tokens))], settings.Device);
        List<int> sources = [];
        List<(int Slot, int Position)> targets = [];
        for (int slot = before; slot < live.Count; slot++)
        {
            int index = prompts.IndexOf(live[slot].Prompt);
            if (index < 0) continue;
            for (int t = 0; t < prompts[index].Tokens.Length; t++)
            {
                sources.Add(packed.Starts[index] + t);
                targets.Add((slot, t));
            }
        }

        Tensor source = HostMemory.Indices(sources, settings.Device), places = cache.Places(targets);
        Prompt? keep = prompts.SingleOrDefault(p => p.Waiting > 0);
        long start = keep is null ? 0 : packed.Starts[prompts.IndexOf(keep)];
        var attention = new PackedAttention(packed, config, settings, (layer, keys, values) =>
        {
            using DisposeScope scope = NewDisposeScope();
            cache.Write(layer, places, keys.index_select(0, source), values.index_select(0, source));
            if (keep is null) return;
            keep.Keys.Add(keys.narrow(0, start, keep.Tokens.Length).clone().DetachFromDisposeScope());
            keep.Values.Add(values.narrow(0, start, keep.Tokens.Length).clone().DetachFromDisposeScope());
        });
        Tensor x = transformer.Forward(packed.Tokens, attention, rotary.At(packed.Positions, packed.End), cancel);
        int[] ends = [.. prompts.Select((p, i) => packed.Starts[i] + p.Tokens.Length - 1)];
        return transformer.FinalNorm(x.index_select(0, HostMemory.Indices(ends, settings.Device)));
    }

    // Copies an earlier prompt's keys and values into the slots of its streams that enter now.
    private void Restore(Prompt prompt, List<Stream> live, int before, KeyValueCache cache)
    {
        int[] entered = [.. Enumerable.Range(before, live.Count - before).Where(slot => live[slot].Prompt == prompt)];
        int length = prompt.Tokens.Length;
        Tensor source = HostMemory.Indices([.. entered.SelectMany(_ => Enumerable.Range(0, length))], settings.Device);
        Tensor places = cache.Places([.. entered.SelectMany(slot => Enumerable.Range(0, length).Select(t => (slot, t)))]);
        for (int layer = 0; layer < config.Layers; layer++)
        {
            using DisposeScope scope = NewDisposeScope();
            cache.Write(layer, places, prompt.Keys[layer].index_select(0, source), prompt.Values[layer].index_select(0, source));
        }
    }

    private void Decode(List<Stream> live, KeyValueCache cache, int longest, CancellationToken cancel)
    {
        int[] positions = [.. live.Select(s => s.Prompt.Tokens.Length + s.Tokens.Count - 1)];
        cache.Ensure(positions.Max() + 1, longest);
        Tensor at = HostMemory.Indices(positions, settings.Device), tokens = HostMemory.Indices([.. live.Select(s => s.Tokens[^1])], settings.Device);
        var attention = new CachedAttention(cache, config, settings, positions, at);
        Draw(live, transformer.FinalNorm(transformer.Forward(tokens, attention, rotary.At(at, positions.Max() + 1), cancel)), cancel);
    }

    // The next token of each stream, from its normed row.
    private void Draw(IReadOnlyList<Stream> streams, Tensor normed, CancellationToken cancel) =>
        head.ForEachPiece(normed, (start, logits) =>
        {
            Stream[] piece = [.. streams.Skip((int)start).Take((int)logits.shape[0])];
            Tensor uniforms = tensor(piece.Select(s => CounterRandom.Uniform(s.Request.Seed, (ulong)s.Tokens.Count)).ToArray(), device: settings.Device);
            Tensor chosen = zeros(piece.Length, ScalarType.Int64, settings.Device);
            IGrouping<SamplingOptions, int>[] kinds = [.. Enumerable.Range(0, piece.Length).GroupBy(i => piece[i].Request.Options with { MaxNewTokens = 1 })];
            foreach (IGrouping<SamplingOptions, int> kind in kinds)
            {
                if (kinds.Length == 1)
                {
                    chosen = TokenDraw.Choose(logits, kind.Key, uniforms);
                    break;
                }

                Tensor rows = HostMemory.Indices([.. kind], settings.Device);
                chosen.index_copy_(0, rows, TokenDraw.Choose(logits.index_select(0, rows), kind.Key, uniforms.index_select(0, rows)));
            }

            float[] logProbs = HostMemory.Download(logits.gather(1, chosen.unsqueeze(1)).squeeze(1).sub(logits.logsumexp(1)));
            long[] tokens = HostMemory.DownloadIntegers(chosen);
            for (int i = 0; i < piece.Length; i++) piece[i].Add((int)tokens[i], logProbs[i]);
        }, cancel);

    private static void Retire(List<Stream> live, KeyValueCache cache, Sample[] results)
    {
        for (int slot = live.Count - 1; slot >= 0; slot--)
        {
            Stream stream = live[slot];
            if (stream.Finish is not { } finish) continue;
            results[stream.Index] = new Sample([.. stream.Tokens], [.. stream.LogProbs], finish);
            Stream moved = live[^1];
            if (slot < live.Count - 1) cache.Move(live.Count - 1, slot, moved.Prompt.Tokens.Length + moved.Tokens.Count - 1);
            live[slot] = moved;
            live.RemoveAt(live.Count - 1);
        }
    }

    private sealed class Prompt(int[] tokens, int order)
    {
        public int[] Tokens { get; } = tokens;

        public int Order { get; } = order;

        /// <summary>The prompt's row among the last rows of the prompts computed together; below 0 before it was computed.</summary>
        public int Row { get; set; } = -1;

        /// <summary>Requests that have not entered yet.</summary>
        public int Waiting { get; set; }

        /// <summary>Per layer [T, KV, D], while requests wait; empty otherwise.</summary>
        public List<Tensor> Keys { get; } = [];

        /// <summary>As <see cref="Keys"/>.</summary>
        public List<Tensor> Values { get; } = [];

        /// <summary>[1, C], the last row after the final norm, while requests wait.</summary>
        public Tensor? Last { get; set; }

        public void Forget()
        {
            foreach (Tensor tensor in Keys.Concat(Values)) tensor.Dispose();
            Last?.Dispose();
            Keys.Clear();
            Values.Clear();
            Last = null;
        }
    }

    private sealed class Stream(int index, SampleRequest request, Prompt prompt, int room)
    {
        public int Index { get; } = index;

        public SampleRequest Request { get; } = request;

        public Prompt Prompt { get; } = prompt;

        /// <summary>Most tokens that the stream may draw.</summary>
        public int Room { get; } = room;

        public List<int> Tokens { get; } = [];

        public List<float> LogProbs { get; } = [];

        public FinishReason? Finish { get; private set; }

        public void Add(int token, float logProb)
        {
            Tokens.Add(token);
            LogProbs.Add(logProb);
            if (Request.StopTokens.Contains(token)) Finish = FinishReason.Stop;
            else if (Tokens.Count == Room) Finish = FinishReason.Length;
        }
    }
}

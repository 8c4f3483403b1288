using OrleansAlign.Core.Data;
using OrleansAlign.Core.Data.Verification;
using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Stages;
using OrleansAlign.Core.Statistics;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Core.Evaluation;

/// <summary>Measures a policy on held-out data: its answers by their checks, its judgement by labelled pairs. Held-out data never enters training.</summary>
internal sealed class PolicyEvaluator
{
    /// <summary>Responses drawn, or pairs judged, at once; results do not depend on it.</summary>
    private const int AtOnce = 512;

    /// <summary>Samples that are kept for reading.</summary>
    private const int Samples = 5;

    private readonly EvaluationOptions options;
    private readonly RunSeeds seeds;
    private readonly HostPorts ports;
    private readonly IReadOnlyList<Prompt> prompts;
    private readonly IReadOnlyList<PreferenceRow> preferences;
    private readonly ConversationEncoder encoder;

    /// <summary>Reads and checks the held-out data.</summary>
    /// <exception cref="InvalidDataException">Something is wrong with it: a line for each fault.</exception>
    public PolicyEvaluator(EvaluationOptions options, StageContext context, HostPorts ports)
    {
        (this.options, seeds, encoder, this.ports) = (options, context.Seeds, context.Encoder, ports);
        var report = new DataReport();
        prompts = options.Prompts is { } promptFile ? [.. DataFile.Prompts(context.Resolve(promptFile), report, options.RowColumns)] : [];
        preferences = options.Preferences is { } pairFile ? [.. DataFile.Preferences(context.Resolve(pairFile), report, columns: options.RowColumns)] : [];
        report.ThrowIfBroken();
        if (options.Prompts is null) return;
        string place = context.Resolve(options.Prompts);
        StageData.ThrowIfAny(place, Verifiers.Problems(prompts));
        List<string> notes = [];
        var length = new LengthRule(options.TooLong, place, "prompts", encoder.ContextLength);
        prompts = [.. prompts.Select(prompt => StageData.At(
            prompt.Source,
            () => length.Fit(prompt.Source, prompt.Messages, kept: 1, m => encoder.Prompt(m, prompt.Variables).Length + 1, encoder.ContextLength) is { } fitting
                ? prompt with { Messages = fitting }
                : null)).OfType<Prompt>()];
        length.Tell(notes);
        foreach (string note in notes) ports.Progress.Report(new RunEvent.Noted(note));
    }

    /// <summary>Measures a policy, unless the ledger knows it already.</summary>
    public async Task<EvaluationRow> EvaluateAsync(string policy, CancellationToken cancel)
    {
        if (await ports.Ledger.EvaluationAsync(policy, cancel).ConfigureAwait(false) is { } known) return known;
        Dictionary<string, double> metrics = [];
        List<EvaluationSample> samples = [];
        int total = (prompts.Count * options.SamplesPerPrompt) + preferences.Count;
        if (prompts.Count > 0) await AnswersAsync(policy, metrics, samples, total, cancel).ConfigureAwait(false);
        if (preferences.Count > 0) await JudgementsAsync(policy, metrics, total, cancel).ConfigureAwait(false);
        var row = new EvaluationRow(policy, metrics, samples);
        await ports.Ledger.AddEvaluationAsync(row, cancel).ConfigureAwait(false);
        return row;
    }

    private async Task AnswersAsync(string policy, Dictionary<string, double> metrics, List<EvaluationSample> samples, int total, CancellationToken cancel)
    {
        GenerationRequest[] requests = [.. prompts.SelectMany((p, i) => Enumerable.Range(0, options.SamplesPerPrompt).Select(s => new GenerationRequest(
            p.Messages, CounterRandom.Derive(CounterRandom.Derive(seeds.Evaluation, (ulong)i), (ulong)s), options.Sampling)
        {
            Variables = encoder.Merged(p.Variables),
        }))];
        int passed = 0, done = 0;
        double score = 0, tokens = 0;
        foreach (GenerationRequest[] chunk in requests.Chunk(AtOnce))
        {
            foreach (GeneratedResponse response in await ports.Generator.GenerateAsync(policy, chunk, cancel).ConfigureAwait(false))
            {
                Prompt prompt = prompts[done / options.SamplesPerPrompt];
                VerifierResult result = Verifiers.Check(prompt, response.Text);
                if (result.Pass) passed++;
                score += result.Score;
                tokens += response.Tokens.Length;
                if (samples.Count < Samples && done % options.SamplesPerPrompt == 0)
                    samples.Add(new EvaluationSample(prompt.Messages[^1].Content, response.Text, result.Pass));
                done++;
            }

            ports.Progress.Report(new RunEvent.Advanced("evaluate", done, total, "questions"));
        }

        Interval interval = Proportion.Wilson(passed, done);
        metrics[EvaluationMetrics.PassRate] = (double)passed / done;
        metrics[EvaluationMetrics.PassLow] = interval.Low;
        metrics[EvaluationMetrics.PassHigh] = interval.High;
        metrics[EvaluationMetrics.MeanScore] = score / done;
        metrics[EvaluationMetrics.Responses] = done;
        metrics[EvaluationMetrics.ResponseLength] = tokens / done;
    }

    private async Task JudgementsAsync(string policy, Dictionary<string, double> metrics, int total, CancellationToken cancel)
    {
        IJudge judge = ports.JudgeOf(policy);
        int right = 0, flipped = 0, done = 0, tooLong = 0, longest = 0;
        foreach (PreferenceRow[] chunk in preferences.Chunk(AtOnce))
        {
            JudgeQuestion[] questions = [.. chunk.Select(r => new JudgeQuestion(r.Prompt, r.Chosen, r.Rejected))];
            foreach (Verdict verdict in await judge.JudgeAsync(questions, cancel).ConfigureAwait(false))
            {
                done++;
                if (UnaskedQuestion.LengthOf(verdict.Reason) is { } length) (tooLong, longest) = (tooLong + 1, Math.Max(longest, length));
                if (verdict.Outcome == Outcome.A) right++;
                if (verdict.Flipped) flipped++;
            }

            ports.Progress.Report(new RunEvent.Advanced("evaluate", total - preferences.Count + done, total, "questions"));
        }

        if (tooLong > 0)
        {
            metrics[EvaluationMetrics.JudgePairsTooLong] = tooLong;
            ports.Progress.Report(new RunEvent.Noted($"evaluation: {tooLong:N0} of {done:N0} pairs were not measured, since the question does not fit the "
                + $"judge's context (the longest has {longest:N0} tokens); give shorter pairs"));
        }

        // What was not asked was not measured: a rate over nothing is left out.
        int asked = done - tooLong;
        if (asked == 0) return;
        Interval interval = Proportion.Wilson(right, asked);
        metrics[EvaluationMetrics.JudgeAccuracy] = (double)right / asked;
        metrics[EvaluationMetrics.JudgeLow] = interval.Low;
        metrics[EvaluationMetrics.JudgeHigh] = interval.High;
        metrics[EvaluationMetrics.JudgeFlipRate] = (double)flipped / asked;
    }
}

using System.CommandLine;
using System.Text.Json;
using OrleansAlign.Client.Hosts;
using OrleansAlign.Client.Terminal;
using OrleansAlign.Core.Data;
using OrleansAlign.Core.Data.Verification;
using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Statistics;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Client.Commands;

/// <summary><c>align eval</c>: how often one policy's answers beat another's.</summary>
internal static class EvalCommand
{
    /// <summary>Prompts answered and judged together; results do not depend on it.</summary>
    private const int PromptsAtOnce = 128;

    public static Command Create()
    {
        Argument<string> policy = new("policy") { Description = "The policy in question: folder of a model, a run (its latest policy), or run@hash." };
        Argument<string> against = new("against") { Description = "The policy that it is compared with." };
        Option<string> prompts = new("--prompts")
        {
            Description = "JSON lines of prompts; without --judge each needs a check.", HelpName = "FILE", Required = true,
        };
        JudgeFlags judgeFlags = new();
        SamplingFlags sampling = new();
        TemplateFlags templateFlags = new();
        HostFlags hosts = new();
        EngineFlags engineFlags = new();
        Option<string?> json = Shared.JsonFile();
        const string description = "Win rate of one policy's answers over another's: "
            + "by a judge in both orders, or, without --judge, by the prompts' own checks.";
        var command = new Command("eval", description)
        {
            policy, against, prompts, json,
        };
        hosts.AddTo(command);
        judgeFlags.AddTo(command);
        templateFlags.AddTo(command);
        sampling.AddTo(command);
        engineFlags.AddTo(command);
        hosts.Exclude(command, engineFlags.OfThisMachine);
        command.SetAction(async (parsed, cancel) =>
        {
            SamplingOptions options = sampling.Options(parsed);
            judgeFlags.Check(parsed);
            List<Prompt> questions = ReadPrompts(parsed.GetRequiredValue(prompts), needChecks: judgeFlags.Given(parsed) is null);
            EngineChoice choice = engineFlags.Choice(parsed);
            string? name = judgeFlags.Given(parsed);
            await using IRunHost host = await hosts.OpenAsync(parsed, threads: 0, cancel).ConfigureAwait(false);
            using IHostedPolicy first = await host.FindPolicyAsync(parsed.GetRequiredValue(policy), choice, cancel).ConfigureAwait(false);
            using IHostedPolicy second = await host.FindPolicyAsync(parsed.GetRequiredValue(against), choice, cancel).ConfigureAwait(false);
            using IHostedPolicy? third = name is null ? null : await host.FindPolicyAsync(name, choice, cancel).ConfigureAwait(false);
            RefuseTooLong(questions, parsed.GetRequiredValue(prompts), first, second);
            IJudge? judge = third?.Judge(await judgeFlags.RecipeAsync(parsed, name!, host, cancel).ConfigureAwait(false));

            List<Verdict> verdicts = [];
            foreach (Prompt[] chunk in questions.Chunk(PromptsAtOnce))
            {
                // Both policies draw with the same seeds, so that every match of a policy against itself is a tie.
                GenerationRequest[] requests = [.. chunk.Select(
                    (p, i) => new GenerationRequest(p.Messages, CounterRandom.Derive(sampling.Seed(parsed), (ulong)(verdicts.Count + i)), options)
                    {
                        Variables = p.Variables ?? templateFlags.Given(parsed),
                    })];
                IReadOnlyList<string> a = await first.AnswerAsync(requests, cancel).ConfigureAwait(false);
                IReadOnlyList<string> b = await second.AnswerAsync(requests, cancel).ConfigureAwait(false);
                verdicts.AddRange(await CompareAsync(judge, chunk, a, b, cancel).ConfigureAwait(false));
                if (!Console.IsErrorRedirected) await Console.Error.WriteAsync($"\r{verdicts.Count} of {questions.Count} prompts").ConfigureAwait(false);
            }

            if (!Console.IsErrorRedirected) await Console.Error.WriteLineAsync().ConfigureAwait(false);
            int flips = verdicts.Count(v => v.Flipped);
            Print(parsed.GetRequiredValue(policy), parsed.GetRequiredValue(against), WinRate.Of(verdicts), flips, parsed.GetValue(json));
            return ExitCode.Done;
        });
        return command;
    }

    private static List<Prompt> ReadPrompts(string file, bool needChecks)
    {
        var report = new DataReport();
        List<Prompt> prompts = [.. DataFile.Prompts(file, report)];
        report.ThrowIfBroken();
        if (prompts.Count == 0) throw new BadInputException($"{file}: no prompts; give at least one");
        if (needChecks && Verifiers.Problems(prompts).FirstOrDefault() is { } problem)
        {
            throw new BadInputException($"{file}: {problem}; add checks, or name a --judge");
        }

        return prompts;
    }

    private static void RefuseTooLong(List<Prompt> prompts, string file, params IHostedPolicy[] policies)
    {
        string[] problems = [.. policies.SelectMany(p => p.TooLong(prompts)).Distinct().Select(p => $"{file}: {p}")];
        if (problems.Length > 0) throw new BadInputException(string.Join('\n', problems));
    }

    private static async Task<IReadOnlyList<Verdict>> CompareAsync(
        IJudge? judge, Prompt[] prompts, IReadOnlyList<string> a, IReadOnlyList<string> b, CancellationToken cancel)
    {
        if (judge is not null)
        {
            // Equal answers are a tie that no judge is asked for, as in a tournament.
            int[] differing = [.. Enumerable.Range(0, prompts.Length).Where(i => a[i] != b[i])];
            JudgeQuestion[] questions = [.. differing.Select(i => new JudgeQuestion(prompts[i].Messages, a[i], b[i]))];
            IReadOnlyList<Verdict> judged = await judge.JudgeAsync(questions, cancel).ConfigureAwait(false);
            Verdict[] verdicts = Enumerable.Repeat(ScoreRule.Decide(0, 0), prompts.Length).ToArray();
            for (int i = 0; i < differing.Length; i++) verdicts[differing[i]] = judged[i];
            return verdicts;
        }

        return [.. prompts.Select((p, i) => ScoreRule.Decide(Verifiers.Check(p, a[i]).Score, Verifiers.Check(p, b[i]).Score))];
    }

    private static void Print(string policy, string against, WinRate rate, int flips, string? jsonFile)
    {
        Interval interval = rate.Interval;
        Console.WriteLine(rate.Rate is { } share
            ? $"{policy} wins {100 * share:F1} % against {against} (95 %: {100 * interval.Low:F1}–{100 * interval.High:F1}; ties count half)"
            : $"No valid verdict between {policy} and {against}.");
        Console.WriteLine($"{rate.Wins} wins, {rate.Losses} losses, {rate.Ties} ties, {rate.Invalids} invalid, {flips} flipped on swap; "
            + $"p = {rate.PValue:G3} (sign test)");
        if (jsonFile is null) return;
        var result = new
        {
            policy, against, winRate = rate.Rate, low = interval.Low, high = interval.High,
            wins = rate.Wins, losses = rate.Losses, ties = rate.Ties, invalids = rate.Invalids, flips, pValue = rate.PValue,
        };
        File.WriteAllText(jsonFile, JsonSerializer.Serialize(result, Shared.Json) + "\n");
    }
}

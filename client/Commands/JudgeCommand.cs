using System.CommandLine;
using OrleansAlign.Client.Hosts;
using OrleansAlign.Client.Terminal;
using OrleansAlign.Core.Brackets;
using OrleansAlign.Core.Data;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Text;
using OrleansAlign.Core.Tournaments;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Client.Commands;

/// <summary><c>align judge</c>: the best of each list of responses, by tournament (self-rejection, SELF-JUDGE §3.3).</summary>
internal static class JudgeCommand
{
    /// <summary>Contexts whose matches are judged together; results do not depend on it.</summary>
    private const int ContextsAtOnce = 64;

    public static Command Create()
    {
        Argument<string> input = new("file") { Description = "JSON lines {\"context\": text or messages, \"responses\": [texts]}; '-' reads standard input." };
        JudgeFlags judgeFlags = new();
        Option<BracketFormat> bracket = new("--bracket")
        {
            Description = $"Who plays whom: {KebabCase.NamesOf<BracketFormat>()}.", HelpName = "FORMAT",
            DefaultValueFactory = _ => BracketFormat.SingleElimination,
            CustomParser = result =>
            {
                if (BracketFormats.TryParse(result.Tokens[0].Value, out BracketFormat format)) return format;
                result.AddError($"--bracket {result.Tokens[0].Value} is not one of {KebabCase.NamesOf<BracketFormat>()}");
                return default;
            },
        };
        Option<ulong> seed = new("--seed") { Description = "Seed of the brackets' draws.", HelpName = "N", DefaultValueFactory = _ => 1 };
        HostFlags hosts = new();
        EngineFlags engineFlags = new();
        var command = new Command("judge", "Choose the best of each list of responses by tournament: JSON lines in, winners out.") { input, bracket, seed };
        hosts.AddTo(command);
        judgeFlags.AddTo(command);
        engineFlags.AddTo(command);
        hosts.Exclude(command, engineFlags.OfThisMachine);
        command.SetAction(async (parsed, cancel) =>
        {
            string name = judgeFlags.Given(parsed) ?? throw new BadInputException("--judge is missing; name the model or run that judges");
            await using IRunHost host = await hosts.OpenAsync(parsed, threads: 0, cancel).ConfigureAwait(false);
            using IHostedPolicy policy = await host.FindPolicyAsync(name, engineFlags.Choice(parsed), cancel).ConfigureAwait(false);
            IJudge judge = policy.Judge(await judgeFlags.RecipeAsync(parsed, name, host, cancel).ConfigureAwait(false));
            await using var output = new StreamWriter(Console.OpenStandardOutput());
            foreach (ResponseSet[] sets in Read(parsed.GetRequiredValue(input)).Chunk(ContextsAtOnce))
            {
                PromptTournament[] tournaments = [.. sets.Select(s => new PromptTournament(
                    s.Context, s.Responses, parsed.GetValue(bracket), CounterRandom.Derive(parsed.GetValue(seed), s.Id), judge.Id))];
                await Tournament.PlayAsync(tournaments, judge, cancel).ConfigureAwait(false);
                for (int i = 0; i < sets.Length; i++) JsonLines.Write(output, Result(sets[i], tournaments[i]));
                await output.FlushAsync(cancel).ConfigureAwait(false);
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static IEnumerable<ResponseSet> Read(string file) =>
        file == "-" ? DataFile.ResponseSets(Console.OpenStandardInput(), "standard input") : DataFile.ResponseSets(file);

    private static object Result(ResponseSet set, PromptTournament tournament) => new
    {
        id = set.Id,
        winner = tournament.Winner,
        response = set.Responses[tournament.Winner!.Value],
        ranking = tournament.Bracket.Ranking,
        matches = tournament.Matches().Select((MatchRow m) => new
        {
            match = m.Match, a = m.A, b = m.B, outcome = m.Outcome.ToString().ToLowerInvariant(),
            margin = Math.Round(m.Margin, 6), flipped = m.Flipped, judged = m.Key is not null,
        }),
    };
}

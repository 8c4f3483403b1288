using System.CommandLine;
using OrleansAlign.Client.Terminal;
using OrleansAlign.Core.Policies;
using OrleansAlign.Models.Chat;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Client.Commands;

/// <summary><c>align chat</c>: a conversation with a policy.</summary>
internal static class ChatCommand
{
    public static Command Create()
    {
        Argument<string> model = new("model") { Description = "Folder of a model, or the name of a run: then its latest policy." };
        Option<string> runs = Shared.Runs();
        EngineFlags engineFlags = new();
        Option<string?> system = new("--system") { Description = "A system message.", HelpName = "TEXT" };
        SamplingFlags sampling = new();
        TemplateFlags templateFlags = new();
        var command = new Command("chat", "Talk with a policy. An empty line or the end of input ends it.") { model, runs, system };
        templateFlags.AddTo(command);
        sampling.AddTo(command);
        engineFlags.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            SamplingOptions options = sampling.Options(parsed);
            string folder = await PolicyFolder.FindAsync(parsed.GetRequiredValue(model), parsed.GetRequiredValue(runs), cancel).ConfigureAwait(false);
            using LoadedPolicy policy = LoadedPolicy.Load(folder, AvailableEngines.Catalog, engineFlags.Choice(parsed));
            ConversationEncoder encoder = policy.Encoder.With(templateFlags.Given(parsed));
            List<ChatMessage> messages = parsed.GetValue(system) is { } text ? [new ChatMessage("system", text)] : [];
            for (ulong turn = 0; ; turn++)
            {
                if (!Console.IsInputRedirected) Console.Write("> ");
                string? line = await Task.Run(Console.ReadLine, CancellationToken.None).WaitAsync(cancel).ConfigureAwait(false);
                if (string.IsNullOrEmpty(line)) return ExitCode.Done;
                messages.Add(new ChatMessage("user", line));
                int[] prompt = encoder.Prompt(messages);
                if (prompt.Length >= encoder.ContextLength)
                {
                    throw new BadInputException($"the conversation is {prompt.Length} tokens long; "
                        + $"the model's context is {encoder.ContextLength}, which leaves no room to answer: begin a new one");
                }

                var request = new SampleRequest(prompt, CounterRandom.Derive(sampling.Seed(parsed), turn), options, encoder.StopTokens);
                string answer = encoder.Text(policy.Engine.Sample([request], cancel)[0].Tokens);
                Console.WriteLine(answer);
                messages.Add(new ChatMessage("assistant", answer));
            }
        });
        return command;
    }
}

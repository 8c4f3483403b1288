using System.Diagnostics;
using OrleansAlign.Tests;

namespace OrleansAlign.Client.Tests;

/// <summary>Which libtorch the script <c>align</c> has built in. The SDK is replaced by a script that writes down how it was called.</summary>
public sealed class AlignScriptTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("align-script-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [ScriptTheory]
    [InlineData("none", "demo")]
    [InlineData("none", "run managed.yaml")]
    [InlineData("none", "run torchsharp.yaml --cluster 127.0.0.1:30000")]
    [InlineData("none", "run gpu.yaml")]
    [InlineData("none", "chat model --engine torchsharp --device cuda:1")]
    [InlineData("cpu", "run torchsharp.yaml")]
    [InlineData("cpu", "chat model --engine torchsharp")]
    [InlineData("cpu", "chat model --engine=torchsharp")]
    [InlineData("none", "silo")]
    [InlineData("none", "silo --Align:Devices=managed --Align:SiloName=cpu")]
    [InlineData("none", "silo --Align:Devices=cuda:0")]
    [InlineData("cpu", "silo --Align:Devices=cpu")]
    [InlineData("cpu", "silo --align:devices:1=cpu --Align:Role=device")]
    [InlineData("cpu", "silo --Align:Devices managed,cpu")]
    [InlineData("cpu", "silo", "ALIGN__DEVICES__0=cpu")]
    [InlineData("none", "silo", "ALIGN__DEVICES__0=managed")]
    [InlineData("cuda", "demo", "Torch=cuda")]
    [InlineData("none", "run torchsharp.yaml", "Torch=none")]
    [InlineData("none", "run torchsharp.yaml", "ALIGN_LIBTORCH=/opt/torch/lib")]
    [InlineData("cpu", "demo", "ALIGN_LIBTORCH=/opt/torch/lib", "Torch=cpu")]
    public async Task A_libtorch_is_built_in_where_the_processor_needs_one(string torch, string arguments, params string[] environment) =>
        Assert.Equal([$"build {torch}"], await BuildsAsync(arguments, environment));

    [ScriptFact]
    public async Task What_was_built_in_stays_until_the_user_says_otherwise()
    {
        Assert.Equal(["build cpu"], await BuildsAsync("run torchsharp.yaml"));
        Assert.Empty(await BuildsAsync("run torchsharp.yaml"));
        Assert.Empty(await BuildsAsync("demo"));
        File.SetLastWriteTimeUtc(Path.Combine(folder, "Directory.Build.props"), DateTime.UtcNow.AddMinutes(1));
        Assert.Equal(["build cpu"], await BuildsAsync("demo"));
        File.SetLastWriteTimeUtc(Path.Combine(folder, "Directory.Build.props"), DateTime.UtcNow.AddMinutes(-1));
        Assert.Equal(["build none"], await BuildsAsync("demo", "Torch=none"));
        Assert.Empty(await BuildsAsync("demo"));
    }

    [ScriptFact]
    public async Task Tests_take_libtorch_along_where_it_can_be_restored()
    {
        Assert.Equal(["restore cpu", "build cpu", "test cpu"], await BuildsAsync("test"));
        Assert.Equal(["restore cpu", "build none", "test none"], await BuildsAsync("test", "NO_FEED=1"));
        Assert.Equal(["build none", "test none"], await BuildsAsync("test", "ALIGN_LIBTORCH=/opt/torch/lib"));
        Assert.Equal(["build cuda", "test cuda"], await BuildsAsync("test", "Torch=cuda"));
    }

    /// <summary>Runs the script and returns the SDK's commands, each with the libtorch that it was given.</summary>
    private async Task<string[]> BuildsAsync(string arguments, params string[] environment)
    {
        string sdk = Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "sdk")).FullName, "dotnet");
        string calls = Path.Combine(folder, "calls"), script = Path.Combine(folder, "align");
        foreach (string source in new[] { "src", "client", "silo", "recipes" }) Directory.CreateDirectory(Path.Combine(folder, source));
        if (!File.Exists(script))
        {
            File.Copy(Repository.At("align"), script);
            await File.WriteAllTextAsync(Path.Combine(folder, "Directory.Build.props"), "");
            await File.WriteAllTextAsync(Path.Combine(folder, "managed.yaml"), "name: a\n# engine: torchsharp\nengine: managed\n");
            await File.WriteAllTextAsync(Path.Combine(folder, "torchsharp.yaml"), "name: a\nengine: torchsharp\n");
            await File.WriteAllTextAsync(Path.Combine(folder, "gpu.yaml"), "engine: torchsharp\ndevice: cuda:0\n");
            await File.WriteAllTextAsync(sdk, """
                #!/bin/sh
                [ "$1" = exec ] && exit 0
                echo "$1 ${Torch:-none}" >>calls
                [ "$1" = restore ] && [ -n "${NO_FEED:-}" ] && exit 1
                for out in client/bin/Release/net10.0 silo/bin/Release/net10.0; do
                    mkdir -p $out/runtimes/linux-x64/native
                    rm -f $out/runtimes/linux-x64/native/*
                    [ "${Torch:-none}" = none ] || touch $out/runtimes/linux-x64/native/libtorch_$Torch.so
                done
                echo "Failed: 0, Passed: 1, Skipped: 0"
                """);
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(sdk, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        File.Delete(calls);
        var start = new ProcessStartInfo("sh", ["align", .. arguments.Split(' ')])
        {
            WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment["PATH"] = Path.GetDirectoryName(sdk) + ":" + start.Environment["PATH"];
        string[] inherited = [.. start.Environment.Keys.Where(k => k is "Torch" or "TORCH" || k.StartsWith("ALIGN", StringComparison.OrdinalIgnoreCase))];
        foreach (string variable in inherited) start.Environment.Remove(variable);
        foreach (string[] pair in environment.Select(e => e.Split('=', 2))) start.Environment[pair[0]] = pair[1];
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{await output}{await error}");
        return File.Exists(calls) ? await File.ReadAllLinesAsync(calls) : [];
    }

    private static string? Reason =>
        OperatingSystem.IsWindows() ? "the script needs a POSIX shell" : Repository.Root is null ? "the script is not beside the tests" : null;

    [AttributeUsage(AttributeTargets.Method)]
    private sealed class ScriptFactAttribute : FactAttribute
    {
        public ScriptFactAttribute() => Skip = Reason;
    }

    [AttributeUsage(AttributeTargets.Method)]
    private sealed class ScriptTheoryAttribute : TheoryAttribute
    {
        public ScriptTheoryAttribute() => Skip = Reason;
    }
}

namespace OrleansAlign.TorchSharp.Tests;

/// <summary>The messages where libtorch cannot be loaded; these tests do not need libtorch.</summary>
public sealed class NativeLibrariesTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("align-libtorch-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Xunit.Fact]
    public void Without_libtorch_the_line_names_every_remedy()
    {
        string line = Line(null, folder);

        Assert.StartsWith("libtorch, which the torchsharp engine computes with, is not beside this program: ", line, StringComparison.Ordinal);
        Assert.All(new[] { "Torch=cpu", "Torch=cuda", "ALIGN_LIBTORCH", "engine: managed" }, remedy => Assert.Contains(remedy, line, StringComparison.Ordinal));
        Assert.Equal(line, Line("", folder));
    }

    [Xunit.Fact]
    public void A_folder_that_is_not_there_or_has_no_libtorch_is_told()
    {
        string missing = Path.Combine(folder, "none");

        const string remedy = "; name the folder lib of an existing PyTorch";
        Assert.StartsWith($"ALIGN_LIBTORCH is {missing}, and there is no such folder{remedy}", Line(missing), StringComparison.Ordinal);
        Assert.StartsWith($"ALIGN_LIBTORCH is {folder}, and that folder has no libtorch.so{remedy}", Line(folder), StringComparison.Ordinal);
    }

    [Xunit.Fact]
    public void Two_libtorches_in_one_process_are_refused()
    {
        string own = Directory.CreateDirectory(Path.Combine(folder, "own")).FullName;
        string chosen = Directory.CreateDirectory(Path.Combine(folder, "chosen")).FullName;
        File.WriteAllText(Path.Combine(own, "libtorch_cpu.so"), "");
        File.WriteAllText(Path.Combine(chosen, "libtorch.so"), "");

        Assert.Equal(
            $"ALIGN_LIBTORCH is {chosen}, but this program has a libtorch of its own in {own}; build it with Torch=none, or unset ALIGN_LIBTORCH",
            Line(chosen, own));
    }

    [Xunit.Fact]
    public void What_the_dynamic_linker_says_of_a_broken_file_is_in_the_line()
    {
        foreach (string name in new[] { "libtorch_cpu.so", "libtorch.so", "libLibTorchSharp.so" }) File.WriteAllText(Path.Combine(folder, name), "no library");

        Assert.Matches(
            $"^the torchsharp engine cannot load libtorch from {folder} \\(.*libtorch_cpu\\.so: .+\\): the folder must hold the whole of a libtorch",
            Line(folder, folder));
    }

    [Xunit.Theory]
    [InlineData(
        "Unable to load shared library '/a/libLibTorchSharp.so' or one of its dependencies. Consider using a tool like strace:\n"
        + "/lib/libstdc++.so.6: version `GLIBCXX_3.4.32' not found (required by /a/libLibTorchSharp.so)\n",
        "the torchsharp engine cannot load libtorch from /a "
        + "(/lib/libstdc++.so.6: version `GLIBCXX_3.4.32' not found (required by /a/libLibTorchSharp.so)): "
        + "TorchSharp's library needs the libstdc++ of GCC 13 or later, and this system's is older; "
        + "use a newer system (Debian 13, Ubuntu 24.04), or engine: managed")]
    [InlineData(
        "The type initializer threw.",
        "the torchsharp engine cannot load libtorch from /a (The type initializer threw): the folder must hold the whole of a libtorch 2.10 or later; ")]
    public void The_reason_comes_from_the_linkers_line(string message, string begins)
    {
        string line = NativeLibraries.Explain(message, "/a");

        Assert.StartsWith(begins, line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
    }

    private static string Line(string? chosen, params string[] beside)
    {
        string line = NativeLibraries.Load(chosen, beside)!;
        Assert.DoesNotContain('\n', line);
        return line;
    }
}

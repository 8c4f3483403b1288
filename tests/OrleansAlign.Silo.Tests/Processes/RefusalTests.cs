namespace OrleansAlign.Silo.Tests.Processes;

/// <summary>Messages and exit codes of a silo that cannot start.</summary>
public sealed class RefusalTests
{
    [Fact]
    public async Task A_database_that_cannot_be_reached_is_one_line_and_exit_code_2()
    {
        string storage = Directory.CreateTempSubdirectory("align-silo-").FullName;
        using ProgramProcess silo = ProgramProcess.Silo(
            $"Storage={storage}", $"Database=Host=127.0.0.1;Port={Ports.Free()};Database=runs;Username=me;Password=hush", $"SiloPort={Ports.Free()}",
            $"GatewayPort={Ports.Free()}", $"HttpPort={Ports.Free()}");

        Assert.Equal(2, await silo.EndAsync());

        string line = Assert.Single(silo.Lines);
        Assert.Matches("^align-silo: Align:Database: .*127.0.0.1:[0-9]+, database runs, user me", line);
        Assert.DoesNotContain("hush", line, StringComparison.Ordinal);
        Directory.Delete(storage);
    }

    [Fact]
    public async Task All_that_is_wrong_is_told_before_anything_starts()
    {
        using ProgramProcess silo = ProgramProcess.Silo("Role=worker", "Listen=0.0.0.0", "--role=both");

        Assert.Equal(2, await silo.EndAsync());

        Assert.All(silo.Lines, line => Assert.StartsWith("align-silo: ", line, StringComparison.Ordinal));
        Assert.All(["--role=both", "Align:Role ", "Align:Listen "], part => Assert.Contains(silo.Lines, line => line.Contains(part, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Help_and_version_need_nothing()
    {
        using ProgramProcess help = ProgramProcess.Silo("--help"), version = ProgramProcess.Silo("--version");

        Assert.Equal((0, 0), (await help.EndAsync(), await version.EndAsync()));
        Assert.Contains(help.Lines, line => line.Contains("Align:DrainSeconds", StringComparison.Ordinal));
        Assert.Equal("align-silo 0.1.0", Assert.Single(version.Lines));
    }
}

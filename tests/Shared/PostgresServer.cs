using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace OrleansAlign.Tests;

/// <summary>A PostgreSQL server of the tests' own: made in a temporary folder at the first use, gone with the process that started it.</summary>
/// <remarks>
/// As a collection's fixture it is one server for all its tests, each with a database of its own. It listens on a free port of the loopback address and on a
/// socket in its folder. Root may not run PostgreSQL, so root runs it as user postgres, or nobody where there is none.
/// A shell stands between: it passes a signal on when it reads one, and ends the server when its input ends, hence also when the tests are killed.
/// </remarks>
public sealed class PostgresServer : IDisposable
{
    public const string User = "align", Password = "a;pass=word's";

    /// <summary>Runs its arguments as a command, and sends it the signal that it reads, or QUIT at the end of its input; ends when the command does.</summary>
    private const string Keeper = """
        exec 3<&0
        "$@" </dev/null 3<&- & server=$!
        { read -r signal <&3 || signal=QUIT; kill -"$signal" $server; } 2>/dev/null &
        wait $server
        """;

    // Each port is given out once, so a server that is stopped for a while finds its port free when it starts again.
    private static int lastPort = 10_000 + (Environment.ProcessId % 10_000);

    private readonly Lock gate = new();
    private readonly bool durable;
    private readonly List<string> log = [];
    private string? folder;
    private Process? process;
    private int databases;

    /// <summary>A fixture: nothing is started yet, and nothing is synced to disk, for speed.</summary>
    public PostgresServer()
        : this(durable: false)
    {
    }

    private PostgresServer(bool durable) => this.durable = durable;

    /// <summary>The folder of PostgreSQL's programs; null where it is not installed.</summary>
    public static string? Programs { get; } = FindPrograms();

    /// <summary>Why tests that need a server are skipped; null where they are not.</summary>
    public static string? Missing { get; } = Programs is null
        ? "PostgreSQL is not installed: neither pg_config, nor /usr/lib/postgresql, nor PATH leads to initdb and postgres "
            + "(Debian, Ubuntu: apt-get install postgresql)"
        : null;

    /// <summary>The port, the same after every start.</summary>
    public int Port { get; private set; }

    /// <summary>A server that syncs every commit to disk, as in production: for tests of crashes, and for measuring.</summary>
    public static PostgresServer Durable() => new(durable: true);

    /// <summary>Makes an empty database.</summary>
    /// <returns>Its connection string.</returns>
    public string CreateDatabase()
    {
        Start();
        string name = $"test{Interlocked.Increment(ref databases)}";
        Execute("postgres", $"CREATE DATABASE {name}");
        return ConnectionString(name);
    }

    /// <summary>How to connect to a database.</summary>
    public string ConnectionString(string database) => $"Host=127.0.0.1;Port={Port};Database={database};Username={User};Password=\"{Password}\"";

    /// <summary>Runs statements by psql, and returns what they print: rows as lines, columns separated by |.</summary>
    public string Execute(string database, string sql) => Run(
        Path.Combine(Programs!, "psql"),
        ["-X", "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", $"{Port}", "-U", User, "-d", database, "-c", sql]).Trim();

    /// <summary>Starts the server, unless it runs; returns when it takes connections.</summary>
    public void Start()
    {
        lock (gate)
        {
            if (process is not null) return;
            if (folder is null) Initialize();

            string[] server =
            [
                "-D", Path.Combine(folder!, "data"), "-h", "127.0.0.1", "-p", $"{Port}", "-k", folder!, "-c", $"fsync={(durable ? "on" : "off")}",
                "-c", "max_connections=300", "-c", "log_min_messages=warning", "-c", "log_min_error_statement=panic", "-c", "logging_collector=off",
            ];
            ProcessStartInfo start = As(["sh", "-c", Keeper, "sh", Path.Combine(Programs!, "postgres"), .. server]);
            start.RedirectStandardInput = start.RedirectStandardError = true;
            using var ready = new ManualResetEventSlim();
            var started = new Process { StartInfo = start, EnableRaisingEvents = true };
            started.Exited += (_, _) => ready.Set();
            started.ErrorDataReceived += (_, line) =>
            {
                if (line.Data is null) return;
                lock (log) log.Add(line.Data);
                if (line.Data.Contains("ready to accept connections", StringComparison.Ordinal)) ready.Set();
            };
            started.Start();
            started.BeginErrorReadLine();
            bool inTime = ready.Wait(TimeSpan.FromMinutes(2));
            if (!inTime || started.HasExited)
            {
                if (!started.HasExited) Signal(started, "QUIT");
                started.Dispose();
                throw new InvalidOperationException($"PostgreSQL did not start:\n{Log()}");
            }

            process = started;
        }
    }

    /// <summary>
    /// Stops the server, unless it is stopped, and waits for its end: as a crash does, or (not <paramref name="immediately"/>) ending sessions and writing all
    /// data to disk.
    /// </summary>
    public void Stop(bool immediately = true)
    {
        lock (gate)
        {
            if (process is null) return;
            Signal(process, immediately ? "QUIT" : "INT");
            process.Dispose();
            process = null;
        }
    }

    public void Dispose()
    {
        Stop();
        if (folder is not null) Directory.Delete(folder, recursive: true);
        folder = null;
    }

    private static void Signal(Process process, string signal)
    {
        process.StandardInput.WriteLine(signal);
        process.StandardInput.Flush();
        process.WaitForExit();
    }

    private void Initialize()
    {
        folder = Directory.CreateTempSubdirectory("align-pg-").FullName;
        string password = Path.Combine(folder, "password");
        File.WriteAllText(password, Password + "\n");
        if (Environment.IsPrivilegedProcess) Run("chown", ["-R", Other(), folder], own: true);
        Run(
            Path.Combine(Programs!, "initdb"),
            ["-D", Path.Combine(folder, "data"), "-U", User, "-A", "scram-sha-256", $"--pwfile={password}", "-E", "UTF8", "--locale=C", "-N"]);
        Port = FreePort();
    }

    /// <summary>A free port below those that outgoing connections are given: one of these could take it while the server is stopped.</summary>
    private static int FreePort()
    {
        for (int port = Interlocked.Increment(ref lastPort); ; port = Interlocked.Increment(ref lastPort))
        {
            try
            {
                using var probe = new TcpListener(IPAddress.Loopback, port);
                probe.Start();
                return port;
            }
            catch (SocketException error) when (error.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied && port < 32_000)
            {
            }
        }
    }

    private string Log()
    {
        lock (log) return string.Join('\n', log.TakeLast(20));
    }

    private string Run(string program, string[] arguments, bool own = false)
    {
        ProcessStartInfo start = own ? new ProcessStartInfo(program, arguments) : As([program, .. arguments]);
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.Environment["PGPASSWORD"] = Password;
        start.WorkingDirectory = folder ?? "/";
        using Process run = Process.Start(start)!;
        Task<string> errors = run.StandardError.ReadToEndAsync();
        string output = run.StandardOutput.ReadToEnd();
        run.WaitForExit();
        return run.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} failed ({run.ExitCode}): {errors.Result}{output}");
    }

    /// <summary>A command as a user that may run PostgreSQL.</summary>
    private static ProcessStartInfo As(string[] command)
    {
        if (!Environment.IsPrivilegedProcess) return new ProcessStartInfo(command[0], command[1..]);
        if (OnPath("setpriv") is { } setpriv)
        {
            return new ProcessStartInfo(setpriv, [$"--reuid={Other()}", $"--regid={Group()}", "--clear-groups", "--", .. command]);
        }

        if (OnPath("runuser") is { } runuser) return new ProcessStartInfo(runuser, ["-u", Other(), "--", .. command]);
        throw new InvalidOperationException("root may not run PostgreSQL, and neither setpriv nor runuser is there to run it as another user");
    }

    private static string Other() => Entry("postgres") is null ? "nobody" : "postgres";

    private static string Group() => Entry(Other())?.Split(':')[3] ?? "65534";

    private static string? Entry(string user) => File.ReadLines("/etc/passwd").FirstOrDefault(line => line.StartsWith(user + ":", StringComparison.Ordinal));

    private static string? OnPath(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(directory => Path.Combine(directory, program)).FirstOrDefault(File.Exists);

    private static string? FindPrograms()
    {
        if (OperatingSystem.IsWindows()) return null;

        List<string?> candidates = [];
        if (OnPath("pg_config") is { } config)
        {
            using Process run = Process.Start(new ProcessStartInfo(config, ["--bindir"]) { RedirectStandardOutput = true })!;
            candidates.Add(run.StandardOutput.ReadToEnd().Trim());
            run.WaitForExit();
        }

        const string debian = "/usr/lib/postgresql";
        if (Directory.Exists(debian))
        {
            candidates.AddRange(Directory.GetDirectories(debian)
                .OrderByDescending(path => double.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out double version) ? version : 0)
                .Select(path => Path.Combine(path, "bin")));
        }

        candidates.Add(Path.GetDirectoryName(OnPath("postgres")));
        string[] programs = ["initdb", "postgres", "psql"];
        return candidates.FirstOrDefault(path => path is not null && programs.All(program => File.Exists(Path.Combine(path, program))));
    }
}

/// <summary>A test that needs PostgreSQL; skipped where it is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgresFactAttribute : FactAttribute
{
    public PostgresFactAttribute() => Skip = PostgresServer.Missing;
}

/// <summary>A theory that needs PostgreSQL; skipped where it is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgresTheoryAttribute : TheoryAttribute
{
    public PostgresTheoryAttribute() => Skip = PostgresServer.Missing;
}

using OrleansAlign.Tests;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace OrleansAlign.Ledgers.Tests;

/// <summary>A test of every ledger; skipped where the ledger's test class says why it cannot run here.</summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("OrleansAlign.Ledgers.Tests.LedgerFactDiscoverer", "OrleansAlign.Ledgers.Tests")]
public sealed class LedgerFactAttribute : FactAttribute;

/// <summary>On a test class: its tests need PostgreSQL.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class NeedsPostgresAttribute : Attribute;

/// <summary>Asks the class that a test was inherited into, which an attribute on the test cannot see.</summary>
public sealed class LedgerFactDiscoverer(IMessageSink messages) : FactDiscoverer(messages)
{
    private readonly IMessageSink messages = messages;

    protected override IXunitTestCase CreateTestCase(ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo factAttribute)
    {
        bool skip = PostgresServer.Missing is not null && testMethod.TestClass.Class.GetCustomAttributes(typeof(NeedsPostgresAttribute)).Any();
        return skip
            ? new SkippedTestCase(PostgresServer.Missing!, messages, discoveryOptions.MethodDisplayOrDefault(), discoveryOptions.MethodDisplayOptionsOrDefault(), testMethod)
            : base.CreateTestCase(discoveryOptions, testMethod, factAttribute);
    }
}

/// <summary>A test that is not run, and why.</summary>
public sealed class SkippedTestCase : XunitTestCase
{
    private string reason = "";

    /// <summary>For the runner, which carries it from discovery to execution.</summary>
    [Obsolete("for deserialization only")]
    public SkippedTestCase()
    {
    }

    public SkippedTestCase(string reason, IMessageSink messages, TestMethodDisplay display, TestMethodDisplayOptions options, ITestMethod method)
        : base(messages, display, options, method) => SkipReason = this.reason = reason;

    public override void Serialize(IXunitSerializationInfo data)
    {
        base.Serialize(data);
        data.AddValue(nameof(reason), reason);
    }

    public override void Deserialize(IXunitSerializationInfo data)
    {
        base.Deserialize(data);
        SkipReason = reason = data.GetValue<string>(nameof(reason));
    }

    protected override string GetSkipReason(IAttributeInfo factAttribute) => reason;
}

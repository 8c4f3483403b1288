using OrleansAlign.Tests;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace OrleansAlign.Ledgers.Tests;

/// <summary>A test of every kind of ledger; skipped if the ledger's test class needs PostgreSQL and it is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("OrleansAlign.Ledgers.Tests.LedgerFactDiscoverer", "OrleansAlign.Ledgers.Tests")]
public sealed class LedgerFactAttribute : FactAttribute;

/// <summary>Marks a test class whose tests need PostgreSQL.</summary>
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
            ? new SkippedTestCase(
                PostgresServer.Missing!, messages, discoveryOptions.MethodDisplayOrDefault(), discoveryOptions.MethodDisplayOptionsOrDefault(), testMethod)
            : base.CreateTestCase(discoveryOptions, testMethod, factAttribute);
    }
}

/// <summary>A test that is skipped, with the reason.</summary>
public sealed class SkippedTestCase : XunitTestCase
{
    private string reason = "";

    /// <summary>For the test runner, which serializes test cases between discovery and execution.</summary>
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

using OrleansAlign.Tests;

namespace OrleansAlign.K8s.Tests;

/// <summary>A test that renders; skipped without kubectl or without the sources.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class KubectlFactAttribute : FactAttribute
{
    public KubectlFactAttribute() => Skip = Repository.Root is null ? "the sources are not beside the tests" : Tool.KubectlProblem;
}

/// <summary>A test that renders; skipped without kubectl or without the sources.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class KubectlTheoryAttribute : TheoryAttribute
{
    public KubectlTheoryAttribute() => Skip = Repository.Root is null ? "the sources are not beside the tests" : Tool.KubectlProblem;
}

/// <summary>A test that has Prometheus' own tool read rules; skipped without it or without the sources.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PromtoolFactAttribute : FactAttribute
{
    public PromtoolFactAttribute() => Skip = Repository.Root is null ? "the sources are not beside the tests" : Tool.PromtoolProblem;
}

namespace OrleansAlign.TorchSharp.Tests;

/// <summary>A test that computes with libtorch: skipped, with the reason, where libtorch cannot be loaded.</summary>
/// <remarks>
/// The project file gives these two the names Fact and Theory, so that they hold for the shared conformance suite too. Tests without libtorch use Xunit.Fact.
/// </remarks>
[AttributeUsage(AttributeTargets.Method)]
public class LibtorchFactAttribute : Xunit.FactAttribute
{
    /// <inheritdoc/>
    public override string? Skip
    {
        get => NativeLibraries.Problem ?? base.Skip;
        set => base.Skip = value;
    }
}

/// <inheritdoc cref="LibtorchFactAttribute"/>
[AttributeUsage(AttributeTargets.Method)]
public class LibtorchTheoryAttribute : Xunit.TheoryAttribute
{
    /// <inheritdoc/>
    public override string? Skip
    {
        get => NativeLibraries.Problem ?? base.Skip;
        set => base.Skip = value;
    }
}

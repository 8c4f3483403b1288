using System.Reflection;

namespace OrleansAlign.Grains.Tests.Remote;

/// <summary>A grain factory that hands out plain objects.</summary>
public class FakeGrains : DispatchProxy
{
    private Func<Type, string, object> make = (_, _) => throw new InvalidOperationException();

    /// <summary>Makes a factory.</summary>
    /// <param name="make">Makes the object that replaces the grain of an interface and a key.</param>
    public static IGrainFactory Of(Func<Type, string, object> make)
    {
        IGrainFactory factory = Create<IGrainFactory, FakeGrains>();
        ((FakeGrains)(object)factory).make = make;
        return factory;
    }

    protected override object Invoke(MethodInfo? targetMethod, object?[]? args) =>
        targetMethod is { Name: "GetGrain", IsGenericMethod: true } && args is [string key, ..]
            ? make(targetMethod.GetGenericArguments()[0], key)
            : throw new NotSupportedException($"{targetMethod}");
}

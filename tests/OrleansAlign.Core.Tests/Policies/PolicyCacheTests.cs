using OrleansAlign.Core.Policies;

namespace OrleansAlign.Core.Tests.Policies;

public sealed class PolicyCacheTests : IDisposable
{
    private readonly TinyPolicy store = new();

    public void Dispose() => store.Dispose();

    [Fact]
    public void The_policy_used_longest_ago_makes_room()
    {
        string a = store.Make(1), b = store.Make(2), c = store.Make(3);
        using var cache = new PolicyCache(store, EngineCatalog.Managed, EngineChoice.Managed(1), capacity: 2);
        LoadedPolicy first = cache.Get(a), second = cache.Get(b);

        Assert.Same(first, cache.Get(a));
        cache.Get(c);

        Assert.Same(first, cache.Get(a));
        Assert.NotSame(second, cache.Get(b));
    }

    [Fact]
    public void Weights_under_another_policys_name_are_refused()
    {
        string a = store.Make(1), b = store.Make(2);
        File.Copy(Path.Combine(store.Folder(b), "model.safetensors"), Path.Combine(store.Folder(a), "model.safetensors"), overwrite: true);
        using var cache = new PolicyCache(store, EngineCatalog.Managed, EngineChoice.Managed(1));

        InvalidDataException error = Assert.Throws<InvalidDataException>(() => cache.Get(a));

        Assert.Contains(store.Folder(a), error.Message, StringComparison.Ordinal);
        Assert.Contains(b, error.Message, StringComparison.Ordinal);
    }
}

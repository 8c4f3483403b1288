using OrleansAlign.Tests;

namespace OrleansAlign.Ledgers.Tests;

/// <summary>Tests that share one PostgreSQL server, one after the other; each has a database of its own.</summary>
[CollectionDefinition(nameof(PostgresGroup))]
public sealed class PostgresGroup : ICollectionFixture<PostgresServer>;

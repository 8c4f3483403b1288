namespace OrleansAlign.Silo.Options;

/// <summary>What a silo is there for.</summary>
public enum SiloRole
{
    /// <summary>Takes clients and has no device slots: runs, prompts and brackets live here.</summary>
    Coordinator,

    /// <summary>Has device slots and takes no clients.</summary>
    Device,

    /// <summary>Takes clients and has device slots: the only silo of a small cluster.</summary>
    Both,
}

/// <summary>How silos find each other.</summary>
public enum ClusteringKind
{
    /// <summary>On one machine, through the first silo's memory: a cluster that ends with it.</summary>
    Localhost,

    /// <summary>Through the database, which outlives any silo.</summary>
    Postgres,
}

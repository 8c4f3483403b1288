namespace OrleansAlign.Models.Tokenizers;

/// <summary>The four normalisation forms of Unicode (UAX #15).</summary>
internal enum UnicodeForm
{
    /// <summary>Canonical composition.</summary>
    NFC,

    /// <summary>Canonical decomposition.</summary>
    NFD,

    /// <summary>Compatibility decomposition, then canonical composition.</summary>
    NFKC,

    /// <summary>Compatibility decomposition.</summary>
    NFKD,
}

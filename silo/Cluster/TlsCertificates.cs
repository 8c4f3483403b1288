using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using OrleansAlign.Silo.Options;

namespace OrleansAlign.Silo.Cluster;

/// <summary>A silo's own certificate, and the check of its peers' certificates.</summary>
/// <remarks>
/// With an authority, every peer (silo or client) must show a certificate that the authority has signed. Without one, all silos share one certificate, a
/// peer that shows a certificate must show the same, and clients need none.
/// </remarks>
internal sealed class TlsCertificates
{
    private readonly X509Certificate2Collection? authorities;

    private TlsCertificates(X509Certificate2 own, X509Certificate2Collection? authorities) => (Own, this.authorities) = (own, authorities);

    /// <summary>The certificate, with its private key.</summary>
    public X509Certificate2 Own { get; }

    /// <summary>Whether peers must show a certificate.</summary>
    public bool IsMutual => authorities is not null;

    /// <summary>Reads the files that the options name.</summary>
    /// <returns>Null without a certificate.</returns>
    /// <exception cref="InvalidDataException">A file is missing or has the wrong form; the message says which and what to do.</exception>
    public static TlsCertificates? Load(SiloSettings options, TimeProvider clock)
    {
        if (options.TlsCertificate is not { } file) return null;
        X509Certificate2 own = Read(SiloKeys.TlsCertificate, file, () => ReadOwn(options, file));
        if (!own.HasPrivateKey)
        {
            throw new InvalidDataException($"{SiloKeys.TlsCertificate} is {file}, which has no private key; "
                + $"use a PKCS #12 file with the key, or name the key's file in {SiloKeys.TlsKey}");
        }

        if (clock.GetUtcNow() > own.NotAfter.ToUniversalTime())
        {
            throw new InvalidDataException(
                $"{SiloKeys.TlsCertificate} is {file}, which ended at {own.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm} UTC; renew it");
        }

        X509Certificate2Collection? authorities = null;
        if (options.TlsAuthority is { } authority)
        {
            authorities = Read(SiloKeys.TlsAuthority, authority, () =>
            {
                X509Certificate2Collection all = [];
                all.ImportFromPemFile(authority);
                return all;
            });
            if (authorities.Count == 0)
            {
                throw new InvalidDataException(
                    $"{SiloKeys.TlsAuthority} is {authority}, which has no certificate in it; name a PEM file (-----BEGIN CERTIFICATE-----)");
            }
        }

        TlsCertificates tls = new(own, authorities);
        if (!tls.Accepts(own))
        {
            throw new InvalidDataException($"{SiloKeys.TlsAuthority} is {options.TlsAuthority}, which has not signed this silo's own certificate {file}; "
                + "name the authority that has, since all silos ask for it");
        }

        return tls;
    }

    /// <summary>Whether a peer with this certificate belongs to the cluster. Its name is not checked: silos are reached by IP address.</summary>
    public bool Accepts(X509Certificate2 peer)
    {
        if (authorities is null) return peer.RawDataMemory.Span.SequenceEqual(Own.RawDataMemory.Span);
        using X509Chain chain = new();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(peer);
    }

    private static X509Certificate2 ReadOwn(SiloSettings options, string file)
    {
        if (X509Certificate2.GetCertContentType(file) == X509ContentType.Pkcs12) return X509CertificateLoader.LoadPkcs12FromFile(file, options.TlsPassword);
        string? key = options.TlsKey ?? (File.ReadAllText(file).Contains("PRIVATE KEY-----", StringComparison.Ordinal) ? file : null);
        return key is null ? X509CertificateLoader.LoadCertificateFromFile(file)
            : options.TlsPassword is { } password ? X509Certificate2.CreateFromEncryptedPemFile(file, password, key)
            : X509Certificate2.CreateFromPemFile(file, key);
    }

    private static T Read<T>(SiloKey key, string file, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException(
                File.Exists(file)
                    ? $"{key} is {file}, which cannot be read: {error.Message.TrimEnd('.')}; check the file, {SiloKeys.TlsPassword} and {SiloKeys.TlsKey}"
                    : $"{key} is {file}, and there is no such file; correct the path, or put the file there",
                error);
        }
    }
}

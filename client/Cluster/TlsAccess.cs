using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Orleans.Connections.Security;
using OrleansAlign.Client.Terminal;

namespace OrleansAlign.Client.Cluster;

/// <summary>TLS of a client's connections to a cluster.</summary>
/// <remarks>
/// With a file of authorities, a silo's certificate must be one of them or be signed by one; its name is not checked, since silos are reached by IP address.
/// Without that file, this machine's trusted authorities decide, and the certificate must be for the host that was named.
/// </remarks>
/// <param name="authorities">Authorities that may have signed the silos' certificate; null: the ones that this machine trusts.</param>
/// <param name="own">This client's certificate with its key; null: none.</param>
internal sealed class TlsAccess(X509Certificate2Collection? authorities, X509Certificate2? own)
{
    /// <summary>TLS as the options say; null if none of them is given.</summary>
    /// <exception cref="BadInputException">A file is missing or holds no certificate of the form it must have.</exception>
    public static TlsAccess? Of(bool tls, string? authorityFile, string? certificateFile)
    {
        if (!tls && authorityFile is null && certificateFile is null) return null;
        X509Certificate2Collection? authorities = authorityFile is null ? null : Read("--tls-authority", authorityFile, "a PEM file of certificates", () =>
        {
            X509Certificate2Collection all = [];
            all.ImportFromPemFile(authorityFile);
            return all.Count > 0 ? all : throw new CryptographicException("there is no certificate in it");
        });
        const string shape = "a certificate with its private key, in PEM or in PKCS #12 without a password";
        X509Certificate2? own = certificateFile is null ? null : Read("--tls-certificate", certificateFile, shape, () =>
        {
            X509Certificate2 certificate = X509Certificate2.GetCertContentType(certificateFile) == X509ContentType.Pkcs12
                ? X509CertificateLoader.LoadPkcs12FromFile(certificateFile, null)
                : X509Certificate2.CreateFromPemFile(certificateFile);
            return certificate.HasPrivateKey ? certificate : throw new CryptographicException("there is no private key in it");
        });
        return new TlsAccess(authorities, own);
    }

    /// <summary>Makes a client use TLS.</summary>
    /// <param name="client">The client.</param>
    /// <param name="host">The host that was named.</param>
    public void Apply(IClientBuilder client, string host) => client.UseTls(options =>
    {
        options.LocalCertificate = own;
        options.ClientCertificateMode = RemoteCertificateMode.AllowCertificate;
        if (authorities is not null) options.RemoteCertificateValidation = (certificate, _, _) => Accepts(certificate);
        options.OnAuthenticateAsClient = (_, silo) => silo.TargetHost = host;
    });

    private bool Accepts(X509Certificate2 certificate)
    {
        if (authorities!.Any(a => a.RawDataMemory.Span.SequenceEqual(certificate.RawDataMemory.Span))) return true;
        using X509Chain chain = new();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities!);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate);
    }

    private static T Read<T>(string option, string file, string shape, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{option} {file}: {(File.Exists(file) ? error.Message.TrimEnd('.') : "there is no such file")}; give {shape}");
        }
    }
}

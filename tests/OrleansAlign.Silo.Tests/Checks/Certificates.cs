using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace OrleansAlign.Silo.Tests.Checks;

/// <summary>Makes authorities and what they sign.</summary>
internal static class Certificates
{
    private static readonly DateTimeOffset From = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), Until = new(2090, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>An authority, with its key.</summary>
    public static X509Certificate2 Authority(string name)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(From, Until);
    }

    /// <summary>A silo's certificate, with its key.</summary>
    public static X509Certificate2 Signed(X509Certificate2 authority, string name, DateTimeOffset? until = null)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 signed = request.Create(authority, From, until ?? Until.AddDays(-1), [1, (byte)name.Length, (byte)name[^1]]);
        return signed.CopyWithPrivateKey(key);
    }

    /// <summary>Writes a certificate with its key.</summary>
    public static string WritePkcs12(this X509Certificate2 certificate, string file, string? password = null)
    {
        File.WriteAllBytes(file, certificate.Export(X509ContentType.Pkcs12, password));
        return file;
    }

    /// <summary>Writes a certificate without its key.</summary>
    public static string WritePem(this X509Certificate2 certificate, string file)
    {
        File.WriteAllText(file, certificate.ExportCertificatePem());
        return file;
    }

    /// <summary>Writes a certificate's key.</summary>
    public static string WriteKey(this X509Certificate2 certificate, string file)
    {
        using ECDsa key = certificate.GetECDsaPrivateKey()!;
        File.WriteAllText(file, key.ExportPkcs8PrivateKeyPem());
        return file;
    }
}

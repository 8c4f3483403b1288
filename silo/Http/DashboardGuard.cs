using System.Net;
using Microsoft.AspNetCore.Http.Extensions;
using OrleansAlign.Silo.Control;

namespace OrleansAlign.Silo.Http;

/// <summary>Lets only those to the dashboard who know the token, by header, by cookie, or once in the address; without a token, only this machine.</summary>
/// <param name="next">What comes after.</param>
/// <param name="check">The token; null if there is none.</param>
public sealed class DashboardGuard(RequestDelegate next, TokenCheck? check)
{
    /// <summary>Where the dashboard is.</summary>
    public const string Path = "/dashboard";

    private const string CookieName = "align-dashboard", Scheme = "Bearer ";

    /// <summary>Passes the request on or answers it.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        if (!context.Request.Path.StartsWithSegments(Path, StringComparison.OrdinalIgnoreCase)) return next(context);
        if (check is null)
        {
            return IsOfThisMachine(context) ? next(context) : RefuseAsync(context, StatusCodes.Status403Forbidden, "Without a token (Align:Token) the dashboard is for http://localhost only.");
        }

        string? header = context.Request.Headers.Authorization;
        if (header is not null && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && check.Accepts(header[Scheme.Length..].Trim())) return next(context);
        if (check.AcceptsCookie(context.Request.Cookies[CookieName])) return next(context);
        if (!check.Accepts(context.Request.Query["token"]))
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
            return RefuseAsync(context, StatusCodes.Status401Unauthorized, "The dashboard asks for the token: open /dashboard?token=… once, or send the header Authorization: Bearer ….");
        }

        // The token is not to stay in the address, whence it would come into histories and logs.
        context.Response.Cookies.Append(CookieName, check.Cookie, new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict, Path = Path, Secure = context.Request.IsHttps });
        QueryBuilder rest = new(context.Request.Query.Where(q => q.Key != "token"));
        context.Response.Redirect(context.Request.PathBase + context.Request.Path + rest.ToQueryString());
        return Task.CompletedTask;
    }

    /// <summary>The address alone is not enough: a page of another site may have its own name lead to this machine.</summary>
    private static bool IsOfThisMachine(HttpContext context)
    {
        string host = context.Request.Host.Host.Trim('[', ']');
        return context.Connection.RemoteIpAddress is { } from && IPAddress.IsLoopback(from)
            && (host == "localhost" || (IPAddress.TryParse(host, out IPAddress? to) && IPAddress.IsLoopback(to)));
    }

    private static Task RefuseAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(text + "\n");
    }
}

using System.Net;
using Microsoft.AspNetCore.Http.Extensions;
using OrleansAlign.Silo.Control;

namespace OrleansAlign.Silo.Http;

/// <summary>
/// Admits requests to the dashboard with the token (in a header, a cookie, or once in the address); without a token, requests from this machine only.
/// </summary>
/// <param name="next">The next handler.</param>
/// <param name="check">The token; null if there is none.</param>
public sealed class DashboardGuard(RequestDelegate next, TokenCheck? check)
{
    /// <summary>The dashboard's path.</summary>
    public const string Path = "/dashboard";

    private const string CookieName = "align-dashboard", Scheme = "Bearer ";

    /// <summary>Passes the request on or answers it.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        if (!context.Request.Path.StartsWithSegments(Path, StringComparison.OrdinalIgnoreCase)) return next(context);
        if (check is null)
        {
            if (IsOfThisMachine(context)) return next(context);
            return RefuseAsync(context, StatusCodes.Status403Forbidden, "Without a token (Align:Token) the dashboard is for http://localhost only.");
        }

        string? header = context.Request.Headers.Authorization;
        bool isBearer = header is not null && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase);
        if (isBearer && check.Accepts(header![Scheme.Length..].Trim())) return next(context);
        if (check.AcceptsCookie(context.Request.Cookies[CookieName])) return next(context);
        if (!check.Accepts(context.Request.Query["token"]))
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
            return RefuseAsync(context, StatusCodes.Status401Unauthorized,
                "The dashboard asks for the token: open /dashboard?token=… once, or send the header Authorization: Bearer ….");
        }

        // A redirect takes the token out of the address, which browsers keep in histories and servers in logs.
        CookieOptions rules = new() { HttpOnly = true, SameSite = SameSiteMode.Strict, Path = Path, Secure = context.Request.IsHttps };
        context.Response.Cookies.Append(CookieName, check.Cookie, rules);
        QueryBuilder rest = new(context.Request.Query.Where(q => q.Key != "token"));
        context.Response.Redirect(context.Request.PathBase + context.Request.Path + rest.ToQueryString());
        return Task.CompletedTask;
    }

    /// <summary>
    /// Whether a request comes from this machine and names it. The peer's address alone does not suffice: another site's host name may resolve to this
    /// machine.
    /// </summary>
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

namespace OrleansAlign.Grains.Tests.Wire;

/// <summary>What <see cref="Travellers"/> look like on the wire, in base64.</summary>
internal static class FrozenBytes
{
    /// <summary>The row of a run from a version that did not record its data files one by one.</summary>
    public const string RunWithoutDataFiles = "MAHDoEDmG2FsaWduLnJ1bi1yb3foQBVkZW1vLXNlZWQxQRduYW1lOiBkZW1vCkEVL3NvbWV3aGVyZYEAAAAAAAAAgEEJaGFzaEELMC4xLjDg";

    public static readonly IReadOnlyDictionary<string, string> Of = new Dictionary<string, string>
    {
        ["message"] = "MAFE0dYdJWFsaWduLmNoYXQtbWVzc2FnZehACXVzZXJBL05hbWUgMyBiaXJkcyDih6UgACDwn5iAwQHBAcEBAQHg",
        ["message with marks"] = "MAFE0dYdJWFsaWduLmNoYXQtbWVzc2FnZehACXVzZXJBMWZyYW1lIGNvbnRlbnQgZnJhbWVtb3JlIcEBwQchAAkBGQA1AE0AXeABAeA=",
        ["message with fields"] =
            "MAFE0dYdJWFsaWduLmNoYXQtbWVzc2FnZehAE2Fzc2lzdGFudEEBQWl7InRvb2xfY2FsbHMiOlt7Im5hbWUiOiJmIiwieCI6MS41fV0sImNvbnRlbnQiOm51bGx9wQHBAQ"
            + "ED4A==",
        ["sampling"] = "MAFsWkX6LWFsaWduLnNhbXBsaW5nLW9wdGlvbnPogGZmZmZmZuY/ARWBzczMzMzM7D+BmpmZmZmZqT8BagLg",
        ["generation request"] =
            "MAEpoeidMWFsaWduLmdlbmVyYXRpb24tcmVxdWVzdOggAAMh6EAJdXNlckEvTmFtZSAzIGJpcmRzIOKHpSAAIPCfmIDBAcEBwQEBAeDggf//////////IeiAZmZmZmZm5j"
            + "8BFYHNzMzMzMzsP4GamZmZmZmpPwFqAuDg",
        ["generated response"] = "MAHk0qy6MWFsaWduLmdlbmVyYXRlZC1yZXNwb25zZeggAAUBBQAJ4CEABQENAA/gIQAJYQAAAL9gAACA/2BFI8F/YAAAAIDgAQVBCXRleHTg",
        ["sequence"] = "MAGXBTjmKWFsaWduLnRva2VuLXNlcXVlbmNl6CAABwEdACEAJeABBSEABQEDAAHg4A==",
        ["sequence, all trained"] = "MAGXBTjmKWFsaWduLnRva2VuLXNlcXVlbmNl6CAABQEdACHgAQnBAeA=",
        ["judge's question"] = "MAFIw1f5KWFsaWduLmp1ZGdlLXF1ZXN0aW9u6CAAAyHoQAl1c2VyQS9OYW1lIDMgYmlyZHMg4oelIAAg8J+YgMEBwQHBAQEB4OBBA2FBA2LBAeA=",
        ["rated response"] = "MAFp9vPEKWFsaWduLnJhdGVkLXJlc3BvbnNl6CAAAyHoQAl1c2VyQS9OYW1lIDMgYmlyZHMg4oelIAAg8J+YgMEBwQHBAQEB4OBBEXJlc3BvbnNlwQHg",
        ["reading"] = "MAFiXOG2L2FsaWduLnByaW5jaXBsZS1yZWFkaW5n6EAPb3ZlcmFsbIGamZmZmZm5P4GamZmZmZnJP4EzMzMzMzPTP4GamZmZmZnZP+A=",
        ["verdict"] =
            "MAHlddKVG2FsaWduLnZlcmRpY3ToAAWBmpmZmZmZuT+BMzMzMzMz0z+BAAAAAAAA4L8hAAUh6EAPb3ZlcmFsbIGamZmZmZm5P4GamZmZmZnJP4EzMzMzMzPTP4GamZmZmZ"
            + "nZP+Ag6EALc2hvcnSBAAAAAAAA4D+BMzMzMzMz4z+BZmZmZmZm5j+BAAAAAAAA+P/g4AEDwQHg",
        ["invalid verdict"] = "MAHlddKVG2FsaWduLnZlcmRpY3ToAA2BAAAAAAAAAACBAAAAAAAAAACBAAAAAAAAAAAh4AEBQStubyBwcmluY2lwbGUgd2FzIHJlYWTg",
        ["score"] = "MAEfJUMZJ2FsaWduLnJhdGluZy5zY29yZWTogAAAAAAAAArA4A==",
        ["no score"] = "MAHHfs1PL2FsaWduLnJhdGluZy51bnBhcnNhYmxl6EAHd2h54A==",
        ["prompt's place"] = "MAFhV1ZEIWFsaWduLnByb21wdC1rZXnoAAUBCQFiCeA=",
        ["question's key"] = "MAH4I/8CI2FsaWduLnZlcmRpY3Qta2V56EALanVkZ2VBD2NvbnRleHRBC2ZpcnN0QQ1zZWNvbmTg",
        ["rating's key"] = "MAHOh94NIWFsaWduLnJhdGluZy1rZXnoQAtyYXRlckEPY29udGV4dEERcmVzcG9uc2Xg",
        ["run"] = "MAHDoEDmG2FsaWduLnJ1bi1yb3foQBVkZW1vLXNlZWQxQRduYW1lOiBkZW1vCkEVL3NvbWV3aGVyZYEAAAAAAAAAgEEJaGFzaEELMC4xLjDBAeA=",
        ["run with data files"] =
            "MAHDoEDmG2FsaWduLnJ1bi1yb3foQBVkZW1vLXNlZWQxQRduYW1lOiBkZW1vCkEVL3NvbWV3aGVyZQEDQQloYXNoQQswLjEuMCEAAyHoQA9hLmpzb25sQQVhYeDg4A==",
        ["data file's hash"] = "MAGwDZm8KWFsaWduLmRhdGEtZmlsZS1oYXNo6EAbcHJvbXB0cy5qc29ubEEHYWJj4A==",
        ["round's counts"] = "MAGRtI34JWFsaWduLnJvdW5kLWNvdW50c+gAIAAAAACAAQkBDeA=",
        ["completion"] =
            "MAEmJ9JLKWFsaWduLmNvbXBsZXRpb24tcm936CDoAAUBCQFiCeBBBXA3AQ1BDXBvbGljeYH+/////////wEFIQAFAQVg////f+AhAAVhYEKijWAAAMD/4EEJdGV4dOA=",
        ["verdict's row"] =
            "MAHXkO8EI2FsaWduLnZlcmRpY3Qtcm936CDoQAtqdWRnZUEPY29udGV4dEELZmlyc3RBDXNlY29uZOAh6AAFgZqZmZmZmbk/gTMzMzMzM9M/gQAAAAAAAOC/IQAFIehAD2"
            + "92ZXJhbGyBmpmZmZmZuT+BmpmZmZmZyT+BMzMzMzMz0z+BmpmZmZmZ2T/gIOhAC3Nob3J0gQAAAAAAAOA/gTMzMzMzM+M/gWZmZmZmZuY/gQAAAAAAAPj/4OABA8EB4OA=",
        ["rating's row"] =
            "MAHhqmdAIWFsaWduLnJhdGluZy1yb3foIOhAC3JhdGVyQQ9jb250ZXh0QRFyZXNwb25zZeAxAR8lQxknYWxpZ24ucmF0aW5nLnNjb3JlZOiAAAAAAAAAFEDg4A==",
        ["match"] = "MAHOarguH2FsaWduLm1hdGNoLXJvd+hAEW1haW4tMS0wAQUBCQEJgQAAAAAAANC/AQMh6EALanVkZ2VBD2NvbnRleHRBC2ZpcnN0QQ1zZWNvbmTg4A==",
        ["match without a verdict"] = "MAHOarguH2FsaWduLm1hdGNoLXJvd+hAEW1haW4tMS0wAQUBCQEJgQAAAAAAAAAAAQHBAeA=",
        ["pair"] = "MAHDeHevHWFsaWduLnBhaXItcm936AARARWBAAAAAAAAwD+BAAAAAAAAKcCBAAAAAAAA8P/g",
        ["pair set"] =
            "MAFA29D8JWFsaWduLnBhaXItc2V0LXJvd+gg6AAFAQkBYgngQQVwN0EFW10hAAUBFQAZ4EETcmVmZXJlbmNlIQADIehAEW1haW4tMS0wAQUBCQEBgQAAAAAAAOA/AQEh6E"
            + "ALanVkZ2VBD2NvbnRleHRBC2ZpcnN0QQ1zZWNvbmTg4OAhAAWBAAAAAAAA+D/AAeAhAAMh6AARARWBAAAAAAAAwD+BAAAAAAAAKcCBAAAAAAAAKsDg4OA=",
        ["step's report"] =
            "MAEmPP2GI2FsaWduLnN0ZXAtcmVwb3J06ICTGARWDi3mP4EAAAAAAAD4/wECgCEBB0EJbG9zc4CamZmZmZm5P0AfcmV3YXJkcy9tYXJnaW5zgAAAAAAAAPj/QBNncmFkX2"
            + "5vcm2AAAAAAAAA8H/g4A==",
        ["step"] =
            "MAEu56GKHWFsaWduLnN0ZXAtcm936AAFAQkBeYHxaOOItfjkPiHogJMYBFYOLeY/gQAAAAAAAPj/AQKAIQEHQQlsb3NzgJqZmZmZmbk/QB9yZXdhcmRzL21hcmdpbnOAAA"
            + "AAAAAA+P9AE2dyYWRfbm9ybYAAAAAAAADwf+Dg4A==",
        ["round"] =
            "MAHV/Ry4H2FsaWduLnJvdW5kLXJvd+gABQEJQRVzZWxmLWp1ZGdlQQ1iZWZvcmVBC2FmdGVyIQEHQQlsb3NzgJqZmZmZmbk/QB9yZXdhcmRzL21hcmdpbnOAAAAAAAAA+P"
            + "9AE2dyYWRfbm9ybYAAAAAAAADwf+Dg",
        ["sample"] = "MAFFlFCuL2FsaWduLmV2YWx1YXRpb24tc2FtcGxl6EANcHJvbXB0QRFyZXNwb25zZQED4A==",
        ["evaluation"] =
            "MAGR8lL8KWFsaWduLmV2YWx1YXRpb24tcm936EANcG9saWN5IQEHQQlsb3NzgJqZmZmZmbk/QB9yZXdhcmRzL21hcmdpbnOAAAAAAAAA+P9AE2dyYWRfbm9ybYAAAAAAAA"
            + "Dwf+AhAAMh6EANcHJvbXB0QRFyZXNwb25zZQED4ODg",
        ["began"] = "MAEzCjPiK2FsaWduLnJ1bi1ldmVudC5iZWdhbugABUEVc2VsZi1qdWRnZQEJAQ3g",
        ["advanced"] = "MAF84hLHMWFsaWduLnJ1bi1ldmVudC5hZHZhbmNlZOhACXBsYXkBIAAAAACAAUAAAAAAAAJBD3Byb21wdHNBEWxvc3MgMC414A==",
        ["ended"] =
            "MAE8VzNnK2FsaWduLnJ1bi1ldmVudC5lbmRlZOgg6AAFAQlBFXNlbGYtanVkZ2VBDWJlZm9yZUELYWZ0ZXIhAQdBCWxvc3OAmpmZmZmZuT9AH3Jld2FyZHMvbWFyZ2luc4"
            + "AAAAAAAAD4/0ATZ3JhZF9ub3JtgAAAAAAAAPB/4OAh6EANcG9saWN5wREhAAMh6EANcHJvbXB0QRFyZXNwb25zZQED4ODg4A==",
        ["ended without evaluation"] =
            "MAE8VzNnK2FsaWduLnJ1bi1ldmVudC5lbmRlZOgg6AAFAQlBFXNlbGYtanVkZ2VBDWJlZm9yZUELYWZ0ZXIhAQdBCWxvc3OAmpmZmZmZuT9AH3Jld2FyZHMvbWFyZ2luc4"
            + "AAAAAAAAD4/0ATZ3JhZF9ub3JtgAAAAAAAAPB/4ODBAeA=",
        ["noted"] = "MAE0aBO8K2FsaWduLnJ1bi1ldmVudC5ub3RlZOhACXRleHTg",
    };
}

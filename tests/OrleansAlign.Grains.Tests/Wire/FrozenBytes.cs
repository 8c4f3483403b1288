namespace OrleansAlign.Grains.Tests.Wire;

/// <summary>What <see cref="Travellers"/> look like on the wire, in base64.</summary>
internal static class FrozenBytes
{
    public static readonly IReadOnlyDictionary<string, string> Of = new Dictionary<string, string>
    {
        ["message"] = "MAFE0dYdJWFsaWduLmNoYXQtbWVzc2FnZehACXVzZXJBL05hbWUgMyBiaXJkcyDih6UgACDwn5iAwQHBAcEBAQHg",
        ["message with marks"] = "MAFE0dYdJWFsaWduLmNoYXQtbWVzc2FnZehACXVzZXJBMWZyYW1lIGNvbnRlbnQgZnJhbWVtb3JlIcEBwQchAAkBGQA1AE0AXeABAeA=",
        ["message with fields"] =
            "MAFE0dYdJWFsaWduLmNoYXQtbWVzc2FnZehAE2Fzc2lzdGFudEEBQWl7InRvb2xfY2FsbHMiOlt7Im5hbWUiOiJmIiwieCI6MS41fV0sImNvbnRlbnQiOm51bGx9wQHBAQED4A"
            + "==",
        ["sampling"] = "MAFsWkX6LWFsaWduLnNhbXBsaW5nLW9wdGlvbnPogGZmZmZmZuY/ARWBzczMzMzM7D+BmpmZmZmZqT8BagLg",
        ["generation request"] =
            "MAEpoeidMWFsaWduLmdlbmVyYXRpb24tcmVxdWVzdOggAAMh6EAJdXNlckEvTmFtZSAzIGJpcmRzIOKHpSAAIPCfmIDBAcEBwQEBAeDggf//////////IeiAZmZmZmZm5j8BFY"
            + "HNzMzMzMzsP4GamZmZmZmpPwFqAuDBAeA=",
        ["generated response"] = "MAHk0qy6MWFsaWduLmdlbmVyYXRlZC1yZXNwb25zZeggAAUBBQAJ4CEABQENAA/gIQAJYQAAAL9gAACA/2BFI8F/YAAAAIDgAQVBCXRleHTg",
        ["sequence"] = "MAGXBTjmKWFsaWduLnRva2VuLXNlcXVlbmNl6CAABwEdACEAJeABBSEABQEDAAHg4A==",
        ["sequence, all trained"] = "MAGXBTjmKWFsaWduLnRva2VuLXNlcXVlbmNl6CAABQEdACHgAQnBAeA=",
        ["judge's question"] = "MAFIw1f5KWFsaWduLmp1ZGdlLXF1ZXN0aW9u6CAAAyHoQAl1c2VyQS9OYW1lIDMgYmlyZHMg4oelIAAg8J+YgMEBwQHBAQEB4OBBA2FBA2LBAeA=",
        ["rated response"] = "MAFp9vPEKWFsaWduLnJhdGVkLXJlc3BvbnNl6CAAAyHoQAl1c2VyQS9OYW1lIDMgYmlyZHMg4oelIAAg8J+YgMEBwQHBAQEB4OBBEXJlc3BvbnNlwQHg",
        ["reading"] =
            "MAHBrzyECWpzb25AL2FsaWduLnByaW5jaXBsZS1yZWFkaW5nQfd7IlByaW5jaXBsZSI6Im92ZXJhbGwiLCJGb3J3YXJkIjp7IlByb2JhYmlsaXR5QSI6MC4xLCJQcm9iYWJpbG"
            + "l0eUIiOjAuMn0sIlN3YXBwZWQiOnsiUHJvYmFiaWxpdHlBIjowLjMsIlByb2JhYmlsaXR5QiI6MC40fX3g",
        ["verdict"] =
            "MAHBrzyECWpzb25AG2FsaWduLnZlcmRpY3RBBgV7Ik91dGNvbWUiOiJCIiwiQSI6MC4xLCJCIjowLjMsIk1hcmdpbiI6LTAuNSwiUmVhZGluZ3MiOlt7IlByaW5jaXBsZSI6Im"
            + "92ZXJhbGwiLCJGb3J3YXJkIjp7IlByb2JhYmlsaXR5QSI6MC4xLCJQcm9iYWJpbGl0eUIiOjAuMn0sIlN3YXBwZWQiOnsiUHJvYmFiaWxpdHlBIjowLjMsIlByb2JhYmlsaXR5"
            + "QiI6MC40fX0seyJQcmluY2lwbGUiOiJzaG9ydCIsIkZvcndhcmQiOnsiUHJvYmFiaWxpdHlBIjowLjUsIlByb2JhYmlsaXR5QiI6MC42fSwiU3dhcHBlZCI6eyJQcm9iYWJpbG"
            + "l0eUEiOjAuNywiUHJvYmFiaWxpdHlCIjoiTmFOIn19XSwiRmxpcHBlZCI6dHJ1ZX3g",
        ["invalid verdict"] =
            "MAHBrzyECWpzb25AG2FsaWduLnZlcmRpY3RB13siT3V0Y29tZSI6IkludmFsaWQiLCJBIjowLCJCIjowLCJNYXJnaW4iOjAsIlJlYWRpbmdzIjpbXSwiRmxpcHBlZCI6ZmFsc2"
            + "UsIlJlYXNvbiI6Im5vIHByaW5jaXBsZSB3YXMgcmVhZCJ94A==",
        ["score"] = "MAHBrzyECWpzb25AJ2FsaWduLnJhdGluZy5zY29yZWRBQXsiJHR5cGUiOiJzY29yZWQiLCJWYWx1ZSI6LTMuMjV94A==",
        ["no score"] = "MAHBrzyECWpzb25AL2FsaWduLnJhdGluZy51bnBhcnNhYmxlQUt7IiR0eXBlIjoidW5wYXJzYWJsZSIsIlJlYXNvbiI6IndoeSJ94A==",
        ["prompt's place"] = "MAHBrzyECWpzb25AIWFsaWduLnByb21wdC1rZXlBQ3siU3RhZ2UiOjEsIlJvdW5kIjoyLCJJbmRleCI6MzAwfeA=",
        ["question's key"] = "MAHBrzyECWpzb25AI2FsaWduLnZlcmRpY3Qta2V5QX17Ikp1ZGdlIjoianVkZ2UiLCJDb250ZXh0IjoiY29udGV4dCIsIkEiOiJmaXJzdCIsIkIiOiJzZWNvbmQifeA=",
        ["rating's key"] = "MAHBrzyECWpzb25AIWFsaWduLnJhdGluZy1rZXlBd3siUmF0ZXIiOiJyYXRlciIsIkNvbnRleHQiOiJjb250ZXh0IiwiUmVzcG9uc2UiOiJyZXNwb25zZSJ94A==",
        ["run"] =
            "MAHBrzyECWpzb25AG2FsaWduLnJ1bi1yb3dBigJ7IlJ1bklkIjoiZGVtby1zZWVkMSIsIlJlY2lwZSI6Im5hbWU6IGRlbW9cbiIsIkZvbGRlciI6Ii9zb21ld2hlcmUiLCJTZW"
            + "VkIjo5MjIzMzcyMDM2ODU0Nzc1ODA4LCJEYXRhSGFzaCI6Imhhc2giLCJWZXJzaW9uIjoiMC4xLjAiLCJEYXRhRmlsZXMiOltdLCJSZWNpcGVQYXRoIjoiIn3g",
        ["run with data files"] =
            "MAHBrzyECWpzb25AG2FsaWduLnJ1bi1yb3dBwgJ7IlJ1bklkIjoiZGVtby1zZWVkMSIsIlJlY2lwZSI6Im5hbWU6IGRlbW9cbiIsIkZvbGRlciI6Ii9zb21ld2hlcmUiLCJTZW"
            + "VkIjoxLCJEYXRhSGFzaCI6Imhhc2giLCJWZXJzaW9uIjoiMC4xLjAiLCJEYXRhRmlsZXMiOlt7IlBhdGgiOiJhLmpzb25sIiwiU2hhMjU2IjoiYWEifV0sIlJlY2lwZVBhdGgi"
            + "OiIifeA=",
        ["data file's hash"] = "MAHBrzyECWpzb25AKWFsaWduLmRhdGEtZmlsZS1oYXNoQU97IlBhdGgiOiJwcm9tcHRzLmpzb25sIiwiU2hhMjU2IjoiYWJjIn3g",
        ["completion"] =
            "MAHBrzyECWpzb25AKWFsaWduLmNvbXBsZXRpb24tcm93QR4DeyJLZXkiOnsiU3RhZ2UiOjEsIlJvdW5kIjoyLCJJbmRleCI6MzAwfSwiUHJvbXB0SWQiOiJwNyIsIkNhbmRpZG"
            + "F0ZSI6MywiUG9saWN5IjoicG9saWN5IiwiU2VlZCI6MTg0NDY3NDQwNzM3MDk1NTE2MTQsIkZpbmlzaCI6Ikxlbmd0aCIsIlRva2VucyI6WzEsMjE0NzQ4MzY0N10sIkxvZ1By"
            + "b2JzIjpbLTFFLTMwLCJOYU4iXSwiVGV4dCI6InRleHQifeA=",
        ["verdict's row"] =
            "MAHBrzyECWpzb25AI2FsaWduLnZlcmRpY3Qtcm93QUoGeyJLZXkiOnsiSnVkZ2UiOiJqdWRnZSIsIkNvbnRleHQiOiJjb250ZXh0IiwiQSI6ImZpcnN0IiwiQiI6InNlY29uZC"
            + "J9LCJWZXJkaWN0Ijp7Ik91dGNvbWUiOiJCIiwiQSI6MC4xLCJCIjowLjMsIk1hcmdpbiI6LTAuNSwiUmVhZGluZ3MiOlt7IlByaW5jaXBsZSI6Im92ZXJhbGwiLCJGb3J3YXJk"
            + "Ijp7IlByb2JhYmlsaXR5QSI6MC4xLCJQcm9iYWJpbGl0eUIiOjAuMn0sIlN3YXBwZWQiOnsiUHJvYmFiaWxpdHlBIjowLjMsIlByb2JhYmlsaXR5QiI6MC40fX0seyJQcmluY2"
            + "lwbGUiOiJzaG9ydCIsIkZvcndhcmQiOnsiUHJvYmFiaWxpdHlBIjowLjUsIlByb2JhYmlsaXR5QiI6MC42fSwiU3dhcHBlZCI6eyJQcm9iYWJpbGl0eUEiOjAuNywiUHJvYmFi"
            + "aWxpdHlCIjoiTmFOIn19XSwiRmxpcHBlZCI6dHJ1ZX194A==",
        ["rating's row"] =
            "MAHBrzyECWpzb25AIWFsaWduLnJhdGluZy1yb3dB03siS2V5Ijp7IlJhdGVyIjoicmF0ZXIiLCJDb250ZXh0IjoiY29udGV4dCIsIlJlc3BvbnNlIjoicmVzcG9uc2UifSwiUm"
            + "F0aW5nIjp7IiR0eXBlIjoic2NvcmVkIiwiVmFsdWUiOjV9feA=",
        ["match"] =
            "MAHBrzyECWpzb25AH2FsaWduLm1hdGNoLXJvd0FOAnsiTWF0Y2giOiJtYWluLTEtMCIsIkEiOjEsIkIiOjIsIk91dGNvbWUiOiJUaWUiLCJNYXJnaW4iOi0wLjI1LCJGbGlwcG"
            + "VkIjp0cnVlLCJLZXkiOnsiSnVkZ2UiOiJqdWRnZSIsIkNvbnRleHQiOiJjb250ZXh0IiwiQSI6ImZpcnN0IiwiQiI6InNlY29uZCJ9feA=",
        ["match without a verdict"] =
            "MAHBrzyECWpzb25AH2FsaWduLm1hdGNoLXJvd0GXeyJNYXRjaCI6Im1haW4tMS0wIiwiQSI6MSwiQiI6MiwiT3V0Y29tZSI6IlRpZSIsIk1hcmdpbiI6MCwiRmxpcHBlZCI6Zm"
            + "Fsc2V94A==",
        ["pair"] =
            "MAHBrzyECWpzb25AHWFsaWduLnBhaXItcm93QcF7IkNob3NlbiI6NCwiUmVqZWN0ZWQiOjUsIk1hcmdpbiI6MC4xMjUsIlJlZmVyZW5jZUNob3NlbiI6LTEyLjUsIlJlZmVyZW"
            + "5jZVJlamVjdGVkIjoiLUluZmluaXR5In3g",
        ["pair set"] =
            "MAHBrzyECWpzb25AJWFsaWduLnBhaXItc2V0LXJvd0EqBnsiS2V5Ijp7IlN0YWdlIjoxLCJSb3VuZCI6MiwiSW5kZXgiOjMwMH0sIlByb21wdElkIjoicDciLCJNZXNzYWdlcy"
            + "I6IltdIiwiUHJvbXB0VG9rZW5zIjpbNSw2XSwiUmVmZXJlbmNlIjoicmVmZXJlbmNlIiwiTWF0Y2hlcyI6W3siTWF0Y2giOiJtYWluLTEtMCIsIkEiOjEsIkIiOjIsIk91dGNv"
            + "bWUiOiJBIiwiTWFyZ2luIjowLjUsIkZsaXBwZWQiOmZhbHNlLCJLZXkiOnsiSnVkZ2UiOiJqdWRnZSIsIkNvbnRleHQiOiJjb250ZXh0IiwiQSI6ImZpcnN0IiwiQiI6InNlY2"
            + "9uZCJ9fV0sIlNjb3JlcyI6WzEuNSxudWxsXSwiUGFpcnMiOlt7IkNob3NlbiI6NCwiUmVqZWN0ZWQiOjUsIk1hcmdpbiI6MC4xMjUsIlJlZmVyZW5jZUNob3NlbiI6LTEyLjUs"
            + "IlJlZmVyZW5jZVJlamVjdGVkIjotMTN9XX3g",
        ["step's report"] =
            "MAHBrzyECWpzb25AI2FsaWduLnN0ZXAtcmVwb3J0Qe97Ikxvc3MiOjAuNjkzLCJHcmFkaWVudE5vcm0iOiJOYU4iLCJUb2tlbnMiOjQwOTYsIk1ldHJpY3MiOnsibG9zcyI6MC"
            + "4xLCJyZXdhcmRzL21hcmdpbnMiOiJOYU4iLCJncmFkX25vcm0iOiJJbmZpbml0eSJ9feA=",
        ["step"] =
            "MAHBrzyECWpzb25AHWFsaWduLnN0ZXAtcm93QdYCeyJTdGFnZSI6MSwiUm91bmQiOjIsIlN0ZXAiOjMwLCJMZWFybmluZ1JhdGUiOjFFLTA1LCJSZXBvcnQiOnsiTG9zcyI6MC"
            + "42OTMsIkdyYWRpZW50Tm9ybSI6Ik5hTiIsIlRva2VucyI6NDA5NiwiTWV0cmljcyI6eyJsb3NzIjowLjEsInJld2FyZHMvbWFyZ2lucyI6Ik5hTiIsImdyYWRfbm9ybSI6Iklu"
            + "ZmluaXR5In19feA=",
        ["round"] =
            "MAHBrzyECWpzb25AH2FsaWduLnJvdW5kLXJvd0F2AnsiU3RhZ2UiOjEsIlJvdW5kIjoyLCJLaW5kIjoic2VsZi1qdWRnZSIsIlBvbGljeUJlZm9yZSI6ImJlZm9yZSIsIlBvbG"
            + "ljeUFmdGVyIjoiYWZ0ZXIiLCJNZXRyaWNzIjp7Imxvc3MiOjAuMSwicmV3YXJkcy9tYXJnaW5zIjoiTmFOIiwiZ3JhZF9ub3JtIjoiSW5maW5pdHkifX3g",
        ["round's counts"] = "MAHBrzyECWpzb25AJWFsaWduLnJvdW5kLWNvdW50c0FpeyJDb21wbGV0aW9ucyI6MTA5OTUxMTYyNzc3NiwiUGFpclNldHMiOjIsIlN0ZXBzIjozfeA=",
        ["sample"] = "MAHBrzyECWpzb25AL2FsaWduLmV2YWx1YXRpb24tc2FtcGxlQW97IlByb21wdCI6InByb21wdCIsIlJlc3BvbnNlIjoicmVzcG9uc2UiLCJQYXNzZWQiOnRydWV94A==",
        ["evaluation"] =
            "MAHBrzyECWpzb25AKWFsaWduLmV2YWx1YXRpb24tcm93QXYCeyJQb2xpY3kiOiJwb2xpY3kiLCJNZXRyaWNzIjp7Imxvc3MiOjAuMSwicmV3YXJkcy9tYXJnaW5zIjoiTmFOIi"
            + "wiZ3JhZF9ub3JtIjoiSW5maW5pdHkifSwiU2FtcGxlcyI6W3siUHJvbXB0IjoicHJvbXB0IiwiUmVzcG9uc2UiOiJyZXNwb25zZSIsIlBhc3NlZCI6dHJ1ZX1dfeA=",
        ["began"] = "MAHBrzyECWpzb25AK2FsaWduLnJ1bi1ldmVudC5iZWdhbkFpeyJTdGFnZSI6MSwiS2luZCI6InNlbGYtanVkZ2UiLCJSb3VuZCI6MiwiUm91bmRzIjozfeA=",
        ["advanced"] =
            "MAHBrzyECWpzb25AMWFsaWduLnJ1bi1ldmVudC5hZHZhbmNlZEHHeyJBY3Rpdml0eSI6InBsYXkiLCJEb25lIjoxMDk5NTExNjI3Nzc2LCJUb3RhbCI6MjE5OTAyMzI1NTU1Mi"
            + "wiVW5pdCI6InByb21wdHMiLCJGaWd1cmUiOiJsb3NzIDAuNSJ94A==",
        ["ended"] =
            "MAHBrzyECWpzb25AK2FsaWduLnJ1bi1ldmVudC5lbmRlZEFKBXsiUm91bmQiOnsiU3RhZ2UiOjEsIlJvdW5kIjoyLCJLaW5kIjoic2VsZi1qdWRnZSIsIlBvbGljeUJlZm9yZS"
            + "I6ImJlZm9yZSIsIlBvbGljeUFmdGVyIjoiYWZ0ZXIiLCJNZXRyaWNzIjp7Imxvc3MiOjAuMSwicmV3YXJkcy9tYXJnaW5zIjoiTmFOIiwiZ3JhZF9ub3JtIjoiSW5maW5pdHki"
            + "fX0sIkV2YWx1YXRpb24iOnsiUG9saWN5IjoicG9saWN5IiwiTWV0cmljcyI6eyJsb3NzIjowLjEsInJld2FyZHMvbWFyZ2lucyI6Ik5hTiIsImdyYWRfbm9ybSI6IkluZmluaX"
            + "R5In0sIlNhbXBsZXMiOlt7IlByb21wdCI6InByb21wdCIsIlJlc3BvbnNlIjoicmVzcG9uc2UiLCJQYXNzZWQiOnRydWV9XX194A==",
        ["ended without evaluation"] =
            "MAHBrzyECWpzb25AK2FsaWduLnJ1bi1ldmVudC5lbmRlZEGeAnsiUm91bmQiOnsiU3RhZ2UiOjEsIlJvdW5kIjoyLCJLaW5kIjoic2VsZi1qdWRnZSIsIlBvbGljeUJlZm9yZS"
            + "I6ImJlZm9yZSIsIlBvbGljeUFmdGVyIjoiYWZ0ZXIiLCJNZXRyaWNzIjp7Imxvc3MiOjAuMSwicmV3YXJkcy9tYXJnaW5zIjoiTmFOIiwiZ3JhZF9ub3JtIjoiSW5maW5pdHki"
            + "fX194A==",
        ["noted"] = "MAHBrzyECWpzb25AK2FsaWduLnJ1bi1ldmVudC5ub3RlZEEfeyJUZXh0IjoidGV4dCJ94A==",
    };
}

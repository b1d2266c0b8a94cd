using System.Text;

using RftConsole.Training.Rewards.Remote;

namespace RftConsole.Tests.Rewards.Remote;

/// <summary>Signature Version 4 against the published test suite (AWS General Reference, "Signature Version 4 test suite"): date, region, service and keys are the suite's.</summary>
public sealed class AwsSignatureTests
{
    private static readonly DateTimeOffset s_date = new(2015, 8, 30, 12, 36, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("get-vanilla", "GET", "/", null, "host;x-amz-date", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")]
    [InlineData("post-vanilla", "POST", "/", null, "host;x-amz-date", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b")]
    [InlineData("get-vanilla-query-order-key-case", "GET", "/?Param2=value2&Param1=value1", null, "host;x-amz-date", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500")]
    [InlineData("post-x-www-form-urlencoded", "POST", "/", "Param1=value1", "content-type;host;x-amz-date", "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a")]
    public void The_published_vectors_are_signed_as_published(string name, string method, string path, string? body, string signed, string signature)
    {
        using HttpRequestMessage request = new(new(method), "https://example.amazonaws.com" + path);
        byte[] bytes = Encoding.UTF8.GetBytes(body ?? "");
        if (body is not null)
        {
            request.Content = new ByteArrayContent(bytes);
            request.Content.Headers.ContentType = new("application/x-www-form-urlencoded");
        }

        AwsSignature.Sign(request, bytes, new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", null), "us-east-1", "service", s_date);

        Assert.True(
            request.Headers.NonValidated["Authorization"].ToString() == $"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders={signed}, Signature={signature}",
            $"{name}: {request.Headers.NonValidated["Authorization"]}");
        Assert.Equal("20150830T123600Z", request.Headers.GetValues("X-Amz-Date").Single());
    }

    [Fact]
    public void A_session_token_is_sent_and_signed()
    {
        using HttpRequestMessage request = new(HttpMethod.Get, "https://example.amazonaws.com/");

        AwsSignature.Sign(request, [], new("AKIDEXAMPLE", "secret", "token"), "us-east-1", "service", s_date);

        Assert.Equal("token", request.Headers.GetValues("X-Amz-Security-Token").Single());
        Assert.Contains("SignedHeaders=host;x-amz-date;x-amz-security-token", request.Headers.NonValidated["Authorization"].ToString(), StringComparison.Ordinal);
    }
}

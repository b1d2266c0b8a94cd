using System.Globalization;
using System.Net.Http.Headers;

namespace RftConsole.Training.Rewards.Remote;

/// <summary>The header <c>Retry-After</c> (RFC 9110, section 10.2.3): seconds, or a date.</summary>
public static class RetryAfter
{
    /// <summary>The time to wait; null where the value says none.</summary>
    public static TimeSpan? Read(string? value, TimeProvider clock)
    {
        if (value is null)
        {
            return null;
        }

        // Fractions are not of the standard, and some servers send them.
        if (double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds))
        {
            return TimeSpan.FromSeconds(Math.Min(seconds, 1e6));
        }

        return RetryConditionHeaderValue.TryParse(value, out RetryConditionHeaderValue? parsed) && parsed.Date is { } date
            ? (date - clock.GetUtcNow()) is var wait && wait > TimeSpan.Zero ? wait : TimeSpan.Zero
            : null;
    }
}

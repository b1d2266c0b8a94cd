using System.Globalization;
using System.Text;

using CsvHelper;
using CsvHelper.Configuration;

namespace RftConsole.Web.Security.Audit;

/// <summary>The download of the audit log.</summary>
internal static class AuditEndpoint
{
    public const string Address = "/audit-log.csv";

    public static void MapAuditLog(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet(Address, (IAuditLog audit, string? search, DateTimeOffset? from, DateTimeOffset? to, CancellationToken cancellationToken) => Results.Stream(
                stream => WriteAsync(stream, audit.ReadAsync(new(search ?? "", from, to), cancellationToken), cancellationToken), "text/csv; charset=utf-8", "audit-log.csv"))
            .RequireAuthorization(ConsoleRoles.Administrator);

    private static async Task WriteAsync(Stream response, IAsyncEnumerable<AuditEntry> entries, CancellationToken cancellationToken)
    {
        // Names come from people and programs, and a spreadsheet runs what begins like a formula.
        CsvConfiguration configuration = new(CultureInfo.InvariantCulture) { InjectionOptions = InjectionOptions.Escape };
        await using StreamWriter text = new(response, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);
        await using CsvWriter csv = new(text, configuration);
        foreach (string column in (string[])["time", "actor", "role", "address", "action", "subject", "details", "outcome"])
        {
            csv.WriteField(column);
        }

        await csv.NextRecordAsync();
        await foreach (AuditEntry entry in entries.WithCancellation(cancellationToken))
        {
            foreach (string value in (string[])[entry.Time.ToString("O", CultureInfo.InvariantCulture), entry.Actor, entry.Role, entry.Address, entry.Action, entry.Subject, entry.Details, entry.Outcome])
            {
                csv.WriteField(value);
            }

            await csv.NextRecordAsync();
        }
    }
}

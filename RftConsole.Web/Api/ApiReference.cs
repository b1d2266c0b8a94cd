using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace RftConsole.Web.Api;

/// <summary>A member of a body or an answer.</summary>
public sealed record ApiField(string Name, string Type, string Description, bool Required);

/// <summary>A call of the API.</summary>
public sealed record ApiCall(string Tag, string Method, string Path, string Summary, IReadOnlyList<ApiField> Body, IReadOnlyList<ApiField> Answer);

/// <summary>The OpenAPI description as a page shows it.</summary>
internal sealed class ApiReference([FromKeyedServices(ApiRoutes.DocumentGroup)] IOpenApiDocumentProvider documents)
{
    /// <summary>All calls in the order of the description.</summary>
    public async Task<IReadOnlyList<ApiCall>> CallsAsync(CancellationToken cancellationToken = default)
    {
        OpenApiDocument document = await documents.GetOpenApiDocumentAsync(cancellationToken);
        return
        [
            .. document.Paths.SelectMany(path => (path.Value.Operations ?? []).Select(operation => new ApiCall(
                operation.Value.Tags?.FirstOrDefault()?.Name ?? "",
                operation.Key.Method,
                path.Key,
                operation.Value.Summary ?? "",
                Fields(operation.Value.RequestBody?.Content),
                Fields(operation.Value.Responses?.GetValueOrDefault("200")?.Content)))),
        ];
    }

    private static IReadOnlyList<ApiField> Fields(IEnumerable<KeyValuePair<string, OpenApiMediaType>>? content) =>
        content?.Select(entry => entry.Value.Schema).FirstOrDefault() is { } schema
            ? [.. (schema.Properties ?? new Dictionary<string, IOpenApiSchema>()).Select(property => new ApiField(property.Key, TypeOf(property.Value), property.Value.Description ?? "", schema.Required?.Contains(property.Key) ?? false))]
            : [];

    private static string TypeOf(IOpenApiSchema schema)
    {
        JsonSchemaType? type = schema.Type & ~JsonSchemaType.Null;
        return schema.Items is { } items ? $"list of {TypeOf(items)}"
            : schema is OpenApiSchemaReference reference ? reference.Reference.Id ?? "object"
            : type is null or 0 ? "any"
            : string.Join(" or ", Enum.GetValues<JsonSchemaType>().Where(kind => type.Value.HasFlag(kind) && kind != 0).Select(kind => kind.ToString().ToLowerInvariant()));
    }
}

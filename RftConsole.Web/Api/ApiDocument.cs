using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace RftConsole.Web.Api;

/// <summary>What the body of a call holds. It only describes: a call with another content type is read all the same.</summary>
internal sealed record ApiRequestBody(Type Type, string ContentType = "application/json");

/// <summary>The OpenAPI description of the HTTP API.</summary>
internal static class ApiDocument
{
    public const string Address = "/openapi/{documentName}.json";

    public static void Describe(OpenApiOptions options)
    {
        options.ShouldInclude = description => description.GroupName == ApiRoutes.DocumentGroup;
        options.AddOperationTransformer(async (operation, context, cancellationToken) =>
        {
            operation.Tags = new HashSet<OpenApiTagReference> { new(TagOf(context.Description.RelativePath), context.Document) };
            if (context.Description.ActionDescriptor.EndpointMetadata.OfType<ApiRequestBody>().FirstOrDefault() is { } body)
            {
                OpenApiSchema schema = await context.GetOrCreateSchemaAsync(body.Type, cancellationToken: cancellationToken);
                operation.RequestBody = new OpenApiRequestBody { Required = true, Content = new Dictionary<string, OpenApiMediaType> { [body.ContentType] = new() { Schema = schema } } };
            }
        });
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new()
            {
                Title = "RftConsole",
                Version = "v1",
                Description = "OpenAI-compatible: files, fine-tuning jobs with graders, models and chat completions. Keys are made in Settings.",
            };
            document.Servers = [];
            document.Components ??= new();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
            document.Components.SecuritySchemes["key"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer" };
            document.Security = [new() { [new OpenApiSecuritySchemeReference("key", document)] = [] }];
            return Task.CompletedTask;
        });
    }

    /// <summary>What a call is about, by its path.</summary>
    private static string TagOf(string? path) => path?.TrimStart('/').Split('/') switch
    {
        [_, "files", ..] => "Files",
        [_, "fine_tuning", "jobs", ..] => "Fine-tuning jobs",
        [_, "fine_tuning", ..] => "Graders",
        [_, "models", ..] => "Models",
        _ => "Chat",
    };
}

using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace RftConsole.Web.Api;

/// <summary>The OpenAPI description of the HTTP API.</summary>
internal static class ApiDocument
{
    public const string Address = "/openapi/{documentName}.json";

    public static void Describe(OpenApiOptions options)
    {
        options.ShouldInclude = description => description.GroupName == ApiRoutes.DocumentGroup;
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
}

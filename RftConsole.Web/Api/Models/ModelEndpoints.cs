using System.Text.Json.Serialization;

using RftConsole.Web.Api.Keys;
using RftConsole.Web.Inference;

namespace RftConsole.Web.Api.Models;

/// <summary>Something that answers.</summary>
public sealed record ModelObject(
    [property: JsonPropertyName("id")] string Id,
    [property: JsonPropertyName("object")] string Object,
    [property: JsonPropertyName("created")] long Created,
    [property: JsonPropertyName("owned_by")] string OwnedBy);

/// <summary>Base models, tuned models, deployments.</summary>
internal static class ModelEndpoints
{
    public static void MapModels(this ApiRoutes routes)
    {
        routes.Get("/models", ApiScopes.None, ListAsync, "Lists base models, tuned models and deployments.").Produces<ListReply<ModelObject>>();
        routes.Get("/models/{id}", ApiScopes.None, FindAsync, "One of them.").Produces<ModelObject>();
    }

    private static async Task<IResult> ListAsync(ServedModels models, CancellationToken cancellationToken)
    {
        IReadOnlyList<ServedModel> all = await models.ListAsync(cancellationToken);
        return Results.Json(new ApiPage(int.MaxValue, null).Take<ModelObject>([.. all.Select(ToObject)], model => model.Id), ApiJson.Options);
    }

    private static async Task<IResult> FindAsync(string id, ServedModels models, CancellationToken cancellationToken) =>
        Results.Json(ToObject(await models.FindAsync(id, cancellationToken) ?? throw new ApiException(StatusCodes.Status404NotFound, $"There is no model '{ApiException.Shorten(id)}' here.", "model", "model_not_found")), ApiJson.Options);

    private static ModelObject ToObject(ServedModel model) => new(model.Name, "model", model.CreatedAt.ToUnixTimeSeconds(), model.Owner);
}

using Microsoft.EntityFrameworkCore;

using RftConsole.Training;
using RftConsole.Training.Models;
using RftConsole.Web.Storage;

namespace RftConsole.Web.Catalogue;

/// <summary>Names of registered models, for everything that loads one.</summary>
internal sealed class RegisteredNames(IDbContextFactory<ConsoleDbContext> contexts, DataFolder folder) : IModelNames
{
    public string? PathOf(string name)
    {
        using ConsoleDbContext context = contexts.CreateDbContext();
        BaseModelRow? row = context.BaseModels.AsNoTracking().SingleOrDefault(model => model.Name == name);
        if (row is null)
        {
            return null;
        }

        if (row.Status != BaseModelStatus.Ready)
        {
            throw new UserInputException($"base model \"{name}\" is not downloaded yet: see Base models");
        }

        string path = Of(row, folder);
        return Path.Exists(path) ? path : throw new UserInputException($"base model \"{name}\": {path} is not there any more; put it back, or remove the model under Base models");
    }

    /// <summary>Where a model's files lie.</summary>
    public static string Of(BaseModelRow row, DataFolder folder) =>
        row.Path ?? (row.FileName is null ? folder.BaseModelFolder(row.Id) : Path.Combine(folder.BaseModelFolder(row.Id), row.FileName));
}

using Microsoft.EntityFrameworkCore;

using RftConsole.Web.Storage;

namespace RftConsole.Web.Security.Guards;

/// <summary>Names of what ids stand for, so that the audit log can be read after they are gone.</summary>
internal sealed class SubjectNames(IDbContextFactory<ConsoleDbContext> contexts, IDbContextFactory<SecurityDbContext> accounts)
{
    /// <summary>The name; null where there is none.</summary>
    /// <param name="subject">As in <see cref="AccessRule"/>.</param>
    /// <param name="id">Its id.</param>
    public async Task<string?> FindAsync(string subject, string id)
    {
        if (subject == "user")
        {
            await using SecurityDbContext users = await accounts.CreateDbContextAsync();
            return await users.Users.Where(row => row.Id == id).Select(row => row.UserName).SingleOrDefaultAsync();
        }

        await using ConsoleDbContext context = await contexts.CreateDbContextAsync();
        return subject switch
        {
            "job" => await context.Jobs.Where(row => row.Id == id).Select(row => row.Name).SingleOrDefaultAsync(),
            "model" => await context.Models.Where(row => row.Id == id).Select(row => row.Name).SingleOrDefaultAsync(),
            "deployment" => await context.Deployments.Where(row => row.Id == id).Select(row => row.Name).SingleOrDefaultAsync(),
            "data-set" => await context.DataSets.Where(row => row.Id == id).Select(row => row.Name).SingleOrDefaultAsync(),
            "base-model" => await context.BaseModels.Where(row => row.Id == id).Select(row => row.Name).SingleOrDefaultAsync(),
            "reward-function" => await context.RewardFunctions.Where(row => row.Id == id).Select(row => row.Name).SingleOrDefaultAsync(),
            "api-key" => await context.ApiKeys.Where(row => row.Id == id).Select(row => row.Name).SingleOrDefaultAsync(),
            "judge-endpoint" => await context.JudgeEndpoints.Where(row => row.Id == id).Select(row => row.Name).SingleOrDefaultAsync(),
            _ => null,
        };
    }
}

using System.Text.RegularExpressions;

using Microsoft.EntityFrameworkCore;

using RftConsole.Training;
using RftConsole.Web.Api.Keys;
using RftConsole.Web.Jobs;
using RftConsole.Web.Rewards;
using RftConsole.Web.Storage;

namespace RftConsole.Web.Api.Jobs;

/// <summary>Fine-tuning jobs: the same jobs as the console's pages show.</summary>
internal static partial class JobEndpoints
{
    private const string Address = "/fine_tuning/jobs";

    public static void MapJobs(this ApiRoutes routes)
    {
        routes.Post(Address, ApiScopes.FineTuningWrite, CreateAsync, "Makes a job and queues it.").WithMetadata(new ApiRequestBody(typeof(CreateJobBody))).Produces<JobObject>();
        routes.Get(Address, ApiScopes.FineTuningRead, ListAsync, "Lists jobs, newest first.").Produces<ListReply<JobObject>>();
        routes.Get(Address + "/{id}", ApiScopes.FineTuningRead, GetAsync, "One job.").Produces<JobObject>();
        routes.Get(Address + "/{id}/events", ApiScopes.FineTuningRead, async (string id, HttpContext http, JobEventReader events) => Results.Json(await events.EventsAsync(id, ApiPage.Of(http.Request), http.RequestAborted), ApiJson.Options), "What happened to a job, newest first.").Produces<ListReply<JobEventObject>>();
        routes.Get(Address + "/{id}/checkpoints", ApiScopes.FineTuningRead, async (string id, HttpContext http, JobEventReader events) => Results.Json(await events.CheckpointsAsync(id, ApiPage.Of(http.Request, limit: 10), http.RequestAborted), ApiJson.Options), "A job's checkpoints, newest first.").Produces<ListReply<CheckpointObject>>();
        routes.Post(Address + "/{id}/cancel", ApiScopes.FineTuningWrite, (string id, HttpContext http, IJobs jobs, JobReader reader) => ActAsync(id, http, reader, jobs.StopAsync), "Ends a job after its current step; what was learnt is kept.").Produces<JobObject>();
        routes.Post(Address + "/{id}/pause", ApiScopes.FineTuningWrite, (string id, HttpContext http, IJobs jobs, JobReader reader) => ActAsync(id, http, reader, jobs.PauseAsync), "Pauses a job after its current step.").Produces<JobObject>();
        routes.Post(Address + "/{id}/resume", ApiScopes.FineTuningWrite, (string id, HttpContext http, IJobs jobs, JobReader reader) => ActAsync(id, http, reader, jobs.ResumeAsync), "Queues a paused, cancelled or failed job again.").Produces<JobObject>();
    }

    private static async Task<IResult> GetAsync(string id, JobReader reader, CancellationToken cancellationToken) => Results.Json(await reader.GetAsync(id, cancellationToken), ApiJson.Options);

    private static async Task<IResult> ListAsync(HttpContext http, JobReader reader)
    {
        Dictionary<string, string> metadata = [];
        foreach ((string name, Microsoft.Extensions.Primitives.StringValues value) in http.Request.Query)
        {
            if (MetadataKey().Match(name) is { Success: true } match)
            {
                metadata[match.Groups["key"].Value] = value.ToString();
            }
        }

        return Results.Json(await reader.ListAsync(metadata, ApiPage.Of(http.Request), http.RequestAborted), ApiJson.Options);
    }

    private static async Task<IResult> ActAsync(string id, HttpContext http, JobReader reader, Func<string, CancellationToken, Task> act)
    {
        await reader.GetAsync(id, http.RequestAborted);
        await act(id, http.RequestAborted);
        return await GetAsync(id, reader, http.RequestAborted);
    }

    private static async Task<IResult> CreateAsync(HttpContext http, JobRequestReader requests, JobReader reader, IJobs jobs, IRewardLibrary library, IdempotentReplies replies, IDbContextFactory<ConsoleDbContext> contexts)
    {
        byte[] body = await ApiJson.ReadBytesAsync(http.Request, http.RequestAborted);
        string id = await replies.OnceAsync(http, body, async () =>
        {
            JobRequest request = await requests.ReadAsync(ApiJson.Parse(body), http.RequestAborted);
            string made;
            try
            {
                made = await jobs.CreateAsync(request.Specification, http.RequestAborted);
            }
            catch (UserInputException refused)
            {
                throw JobRequestReader.Explain(refused);
            }

            if (request.RewardVersionId is { } version)
            {
                await library.RecordUseAsync(made, version, CancellationToken.None);
            }

            await using ConsoleDbContext context = await contexts.CreateDbContextAsync(CancellationToken.None);
            request.Row.JobId = made;
            context.ApiJobs.Add(request.Row);
            await context.SaveChangesAsync(CancellationToken.None);
            return made;
        });
        return await GetAsync(id, reader, http.RequestAborted);
    }

    /// <summary>As clients write a filter: <c>metadata[team]</c>.</summary>
    [GeneratedRegex(@"^metadata\[(?<key>[^\[\]]{1,64})\]$")]
    private static partial Regex MetadataKey();
}

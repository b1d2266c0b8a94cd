using Microsoft.EntityFrameworkCore;

using RftConsole.Web.Catalogue;
using RftConsole.Web.Inference;
using RftConsole.Web.Jobs;

namespace RftConsole.Web.Storage;

/// <summary>The console's database. Components and services take short-lived contexts from the factory.</summary>
internal sealed class ConsoleDbContext(DbContextOptions<ConsoleDbContext> options) : DbContext(options)
{
    public DbSet<JobRow> Jobs => Set<JobRow>();

    public DbSet<JobMetricRow> Metrics => Set<JobMetricRow>();

    public DbSet<RolloutRow> Rollouts => Set<RolloutRow>();

    public DbSet<RolloutTokensRow> RolloutTokens => Set<RolloutTokensRow>();

    public DbSet<JobLogRow> LogLines => Set<JobLogRow>();

    public DbSet<RefusedCallRow> RefusedCalls => Set<RefusedCallRow>();

    public DbSet<CustomModelRow> Models => Set<CustomModelRow>();

    public DbSet<DeploymentRow> Deployments => Set<DeploymentRow>();

    public DbSet<DataSetRow> DataSets => Set<DataSetRow>();

    public DbSet<DataSetVersionRow> DataSetVersions => Set<DataSetVersionRow>();

    public DbSet<BaseModelRow> BaseModels => Set<BaseModelRow>();

    public DbSet<SettingRow> Settings => Set<SettingRow>();

    public DbSet<RewardFunctionRow> RewardFunctions => Set<RewardFunctionRow>();

    public DbSet<RewardVersionRow> RewardVersions => Set<RewardVersionRow>();

    public DbSet<RewardUseRow> RewardUses => Set<RewardUseRow>();

    public DbSet<GradedExampleRow> GradedExamples => Set<GradedExampleRow>();

    public DbSet<JudgeEndpointRow> JudgeEndpoints => Set<JudgeEndpointRow>();

    public DbSet<ApiKeyRow> ApiKeys => Set<ApiKeyRow>();

    public DbSet<ApiJobRow> ApiJobs => Set<ApiJobRow>();

    public DbSet<IdempotentReplyRow> IdempotentReplies => Set<IdempotentReplyRow>();

    public DbSet<UsageRow> Usage => Set<UsageRow>();

    public DbSet<NotificationRow> Notifications => Set<NotificationRow>();

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcTicksConverter>();
        configurationBuilder.Properties<JobStatus>().HaveConversion<string>();
        configurationBuilder.Properties<DeploymentStatus>().HaveConversion<string>();
        configurationBuilder.Properties<BaseModelStatus>().HaveConversion<string>();
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<JobRow>(job =>
        {
            job.HasKey(row => row.Id);
            job.Property(row => row.Name).UseCollation("NOCASE");
            job.HasIndex(row => row.Name).IsUnique();
            job.HasIndex(row => new { row.Status, row.QueueNumber });
        });
        modelBuilder.Entity<JobMetricRow>(metric =>
        {
            metric.HasKey(row => new { row.JobId, row.Step });
            metric.HasOne<JobRow>().WithMany().HasForeignKey(row => row.JobId).OnDelete(DeleteBehavior.Cascade);
        });
        modelBuilder.Entity<RolloutRow>(rollout =>
        {
            // The key leads with (job, step): the order in which rollouts are read, replaced and deleted.
            rollout.HasKey(row => new { row.JobId, row.Step, row.PromptIndex, row.SampleIndex });
            rollout.HasIndex(row => new { row.JobId, row.Step, row.PromptIndex, row.SampleIndex }).IsDescending(false, true, false, false);
            rollout.HasIndex(row => new { row.JobId, row.RecordId, row.Step });
            rollout.HasOne<JobRow>().WithMany().HasForeignKey(row => row.JobId).OnDelete(DeleteBehavior.Cascade);
        });
        modelBuilder.Entity<RolloutTokensRow>(tokens =>
        {
            tokens.HasKey(row => new { row.JobId, row.Step, row.PromptIndex, row.SampleIndex });
            tokens.HasOne<JobRow>().WithMany().HasForeignKey(row => row.JobId).OnDelete(DeleteBehavior.Cascade);
        });
        modelBuilder.Entity<JobLogRow>(line =>
        {
            line.HasKey(row => row.Id);
            line.HasIndex(row => new { row.JobId, row.Id });
            line.HasOne<JobRow>().WithMany().HasForeignKey(row => row.JobId).OnDelete(DeleteBehavior.Cascade);
        });
        modelBuilder.Entity<RefusedCallRow>(call =>
        {
            call.HasKey(row => new { row.JobId, row.Host, row.Caller });
            call.HasOne<JobRow>().WithMany().HasForeignKey(row => row.JobId).OnDelete(DeleteBehavior.Cascade);
        });
        modelBuilder.Entity<CustomModelRow>(model =>
        {
            model.HasKey(row => row.Id);
            model.Property(row => row.Name).UseCollation("NOCASE");
            model.HasIndex(row => row.Name).IsUnique();
            model.HasOne<JobRow>().WithMany().HasForeignKey(row => row.JobId).OnDelete(DeleteBehavior.SetNull);
        });
        modelBuilder.Entity<DeploymentRow>(deployment =>
        {
            deployment.HasKey(row => row.Id);
            deployment.Property(row => row.Name).UseCollation("NOCASE");
            deployment.HasIndex(row => row.Name).IsUnique();
            deployment.HasOne(row => row.Model).WithMany().HasForeignKey(row => row.ModelId).OnDelete(DeleteBehavior.Restrict);
        });
        modelBuilder.Entity<BaseModelRow>(model =>
        {
            model.HasKey(row => row.Id);
            model.Property(row => row.Name).UseCollation("NOCASE");
            model.HasIndex(row => row.Name).IsUnique();
        });
        RewardRowModel.Configure(modelBuilder);
        ApiRowModel.Configure(modelBuilder);
        NotificationRow.Configure(modelBuilder);
        modelBuilder.Entity<SettingRow>(setting => setting.HasKey(row => row.Key));
        modelBuilder.Entity<DataSetRow>(dataSet =>
        {
            dataSet.HasKey(row => row.Id);
            dataSet.Property(row => row.Name).UseCollation("NOCASE");
            dataSet.HasIndex(row => row.Name).IsUnique();
        });
        modelBuilder.Entity<DataSetVersionRow>(version =>
        {
            version.HasKey(row => new { row.DataSetId, row.Number });
            version.HasIndex(row => row.Sha256);
            version.HasOne<DataSetRow>().WithMany().HasForeignKey(row => row.DataSetId).OnDelete(DeleteBehavior.Cascade);
        });
    }
}

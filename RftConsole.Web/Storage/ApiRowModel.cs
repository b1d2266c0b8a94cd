using Microsoft.EntityFrameworkCore;

namespace RftConsole.Web.Storage;

/// <summary>Tables of the HTTP API.</summary>
internal static class ApiRowModel
{
    public static void Configure(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<ApiKeyRow>(key =>
        {
            key.HasKey(row => row.Id);
            key.HasIndex(row => row.Hash).IsUnique();
        });
        modelBuilder.Entity<ApiJobRow>(job =>
        {
            job.HasKey(row => row.JobId);
            job.HasOne<JobRow>().WithOne().HasForeignKey<ApiJobRow>(row => row.JobId).OnDelete(DeleteBehavior.Cascade);
        });
        modelBuilder.Entity<IdempotentReplyRow>(reply => reply.HasKey(row => new { row.Caller, row.Key }));
        modelBuilder.Entity<UsageRow>(usage =>
        {
            usage.HasKey(row => new { row.Caller, row.Target, row.Hour });
            usage.HasIndex(row => new { row.Target, row.Hour });
        });
    }
}

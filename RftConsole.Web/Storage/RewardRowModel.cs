using Microsoft.EntityFrameworkCore;

namespace RftConsole.Web.Storage;

/// <summary>Keys and relations of the rows about rewards.</summary>
internal static class RewardRowModel
{
    public static void Configure(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<RewardFunctionRow>(function =>
        {
            function.HasKey(row => row.Id);
            function.Property(row => row.Name).UseCollation("NOCASE");
            function.HasIndex(row => row.Name).IsUnique();
        });
        modelBuilder.Entity<RewardVersionRow>(version =>
        {
            version.HasKey(row => row.Id);
            version.HasIndex(row => new { row.FunctionId, row.Number }).IsUnique();
            version.HasOne(row => row.Function).WithMany().HasForeignKey(row => row.FunctionId).OnDelete(DeleteBehavior.Cascade);
        });
        modelBuilder.Entity<RewardUseRow>(use =>
        {
            use.HasKey(row => row.JobId);
            use.HasOne<JobRow>().WithMany().HasForeignKey(row => row.JobId).OnDelete(DeleteBehavior.Cascade);
            use.HasOne(row => row.Version).WithMany().HasForeignKey(row => row.VersionId).OnDelete(DeleteBehavior.Cascade);
        });
        modelBuilder.Entity<GradedExampleRow>(example =>
        {
            example.HasKey(row => row.Id);
            example.HasOne<RewardFunctionRow>().WithMany().HasForeignKey(row => row.FunctionId).OnDelete(DeleteBehavior.Cascade);
        });
        modelBuilder.Entity<JudgeEndpointRow>(endpoint =>
        {
            endpoint.HasKey(row => row.Id);
            endpoint.Property(row => row.Name).UseCollation("NOCASE");
            endpoint.HasIndex(row => row.Name).IsUnique();
        });
    }
}

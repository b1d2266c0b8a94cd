using Microsoft.EntityFrameworkCore;

using RftConsole.Web.Notifications;

namespace RftConsole.Web.Storage;

/// <summary>Something that happened to a job and that people are told of. It goes with its job.</summary>
internal sealed class NotificationRow
{
    /// <summary>Random, so that what a browser has read of one data folder hides nothing of another.</summary>
    public required string Id { get; set; }

    public DateTimeOffset Time { get; set; }

    public required string JobId { get; set; }

    public NotificationKind Kind { get; set; }

    /// <summary>Which warning; null for a job's end. Each is told once a job.</summary>
    public string? Code { get; set; }

    /// <summary>Encrypted where the job is.</summary>
    public string? Text { get; set; }

    public DeliveryStatus Delivery { get; set; }

    public static void Configure(ModelBuilder modelBuilder) => modelBuilder.Entity<NotificationRow>(notification =>
    {
        notification.HasKey(row => row.Id);
        notification.HasIndex(row => row.Time);
        notification.HasIndex(row => new { row.JobId, row.Code });
        notification.Property(row => row.Kind).HasConversion<string>();
        notification.Property(row => row.Delivery).HasConversion<string>();
        notification.HasOne<JobRow>().WithMany().HasForeignKey(row => row.JobId).OnDelete(DeleteBehavior.Cascade);
    });
}

using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace RftConsole.Web.Storage;

/// <summary>SQLite has no type for a point in time, and text with offsets does not sort: ticks in UTC do.</summary>
internal sealed class UtcTicksConverter() : ValueConverter<DateTimeOffset, long>(
    time => time.UtcTicks,
    ticks => new DateTimeOffset(ticks, TimeSpan.Zero));

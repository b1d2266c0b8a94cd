using RftConsole.Web.Catalogue;

namespace RftConsole.Web.Storage;

/// <summary>A registered base model, or one that is being downloaded.</summary>
internal sealed class BaseModelRow
{
    public required string Id { get; set; }

    public required string Name { get; set; }

    /// <summary>The folder or file where it was found; null for a downloaded one.</summary>
    public string? Path { get; set; }

    /// <summary>What was asked of the hub; null for one of a path.</summary>
    public string? HubReference { get; set; }

    /// <summary>The commit that was downloaded.</summary>
    public string? Revision { get; set; }

    /// <summary>The downloaded GGUF file's name; null for a folder.</summary>
    public string? FileName { get; set; }

    public BaseModelStatus Status { get; set; }

    public string? Message { get; set; }

    public string? Licence { get; set; }

    public long Bytes { get; set; }

    /// <summary>Its shape.</summary>
    public string? ConfigJson { get; set; }

    public DateTimeOffset CreatedAt { get; set; }
}

/// <summary>A setting of the console.</summary>
internal sealed class SettingRow
{
    public required string Key { get; set; }

    public required string Value { get; set; }
}

using Microsoft.AspNetCore.Components;

namespace RftConsole.Web.Components.Controls;

/// <summary>A few records of a sample file.</summary>
public sealed partial class RecordPreview
{
    private IReadOnlyList<SampleRecord> _records = [];
    private (string File, int Skip, int Take)? _read;

    /// <summary>The JSONL file.</summary>
    [Parameter, EditorRequired]
    public required string File { get; set; }

    /// <summary>Names the table for screen readers.</summary>
    [Parameter, EditorRequired]
    public required string Label { get; set; }

    /// <summary>Records left out in front.</summary>
    [Parameter]
    public int Skip { get; set; }

    /// <summary>Records shown.</summary>
    [Parameter]
    public int Take { get; set; } = 10;

    /// <inheritdoc />
    protected override void OnParametersSet()
    {
        if (_read != (File, Skip, Take))
        {
            _read = (File, Skip, Take);
            _records = SampleRecords.Read(File, Skip, Take);
        }
    }
}

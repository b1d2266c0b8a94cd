using Microsoft.AspNetCore.Components;

using RftConsole.Training.Starter;
using RftConsole.Web.DataSets;

namespace RftConsole.Web.Components.Wizard;

/// <summary>Section <em>Training data</em>.</summary>
public sealed partial class DataSection
{
    private IReadOnlyList<UploadedDataSet> _dataSets = [];

    [Inject]
    public required IDataSets DataSets { get; init; }

    private SampleDataSet? Chosen => SampleDataSets.All.FirstOrDefault(set => set.Name == Form.SampleData);

    /// <inheritdoc />
    protected override async Task OnInitializedAsync() => _dataSets = await DataSets.ListAsync();

    private Task ChooseSourceAsync(TrainingSource source)
    {
        Form.Source = source;
        return Changed.InvokeAsync();
    }

    private async Task ChooseAsync(UploadedDataSet? dataSet)
    {
        Form.DataSet = dataSet;
        _dataSets = await DataSets.ListAsync();
        await Changed.InvokeAsync();
    }

    private Task SetUploadingAsync(bool uploading)
    {
        Form.Uploading = uploading;
        return Changed.InvokeAsync();
    }

    private Task SelectAsync(string? name)
    {
        if (name is not null)
        {
            Form.SelectSampleData(name);
        }

        return Changed.InvokeAsync();
    }
}

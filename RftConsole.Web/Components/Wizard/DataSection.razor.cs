using RftConsole.Training.Starter;

namespace RftConsole.Web.Components.Wizard;

/// <summary>Section <em>Training data</em>.</summary>
public sealed partial class DataSection
{
    private SampleDataSet? Chosen => SampleDataSets.All.FirstOrDefault(set => set.Name == Form.SampleData);

    private Task SelectAsync(string? name)
    {
        if (name is not null)
        {
            Form.SelectSampleData(name);
        }

        return Changed.InvokeAsync();
    }
}

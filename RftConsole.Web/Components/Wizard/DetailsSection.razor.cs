namespace RftConsole.Web.Components.Wizard;

/// <summary>Sections <em>Model details</em> and <em>Customization details</em>: all that a first job has to be asked for.</summary>
public sealed partial class DetailsSection
{
    private Task SetModelName(string value)
    {
        Form.CustomModelName = value;
        return Changed.InvokeAsync();
    }
}

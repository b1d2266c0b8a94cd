using System.Globalization;

namespace RftConsole.Web.Components.Wizard;

/// <summary>One number of a job, as the wizard asks for it.</summary>
/// <param name="Name">Its name in job files.</param>
/// <param name="Label">Its accessible name.</param>
/// <param name="Help">What it does, in a line.</param>
/// <param name="Min">Least value allowed.</param>
/// <param name="Max">Greatest value allowed; null: the base model's context length.</param>
/// <param name="Default">The value it starts with; null: fitted to model, data and machine while the field is empty.</param>
/// <param name="Whole">Whether it counts something.</param>
/// <param name="Optional">Whether an empty field means "none" rather than "fitted".</param>
public sealed record NumberField(string Name, string Label, string Help, double Min, double? Max, double? Default, bool Whole = true, bool Optional = false)
{
    /// <summary>Says what is wrong with <paramref name="value"/>, or null.</summary>
    public string? Check(double? value, int contextLength)
    {
        double max = Max ?? contextLength;
        return value switch
        {
            null when Default is not null => L["Enter a value from {0} to {1}. The default is {2}.", Text(Min), Text(max), Text(Default.Value)],
            null => null,
            { } number when Whole && number != Math.Floor(number) => L["Enter a whole number."],
            { } number when number < Min || number > max => Max is null
                ? L["Enter a value from {0} to {1}, the base model's context length.", Text(Min), Text(max)]
                : L["Enter a value from {0} to {1}.", Text(Min), Text(max)],
            _ => null,
        };
    }

    /// <summary>The number as the field's range shows it.</summary>
    public static string Text(double number) => Math.Abs(number) is > 0 and < 0.001
        ? number.ToString("0.##e-0", CultureInfo.InvariantCulture)
        : number.ToString("0.####", CultureInfo.InvariantCulture);
}

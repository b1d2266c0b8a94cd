namespace RftConsole.Training.Starter.Diagnosis;

/// <summary>A part and how it is when it works and when it does not.</summary>
internal sealed record DevicePart(string Name, string Good, string Bad);

/// <summary>The things that break in the starter model's small world.</summary>
internal static class Devices
{
    private static readonly DevicePart s_plug = new("plug", "in", "out"), s_switch = new("switch", "on", "off"), s_bulb = new("bulb", "whole", "broken"), s_fuse = new("fuse", "good", "burnt"),
        s_cable = new("cable", "whole", "cut"), s_battery = new("battery", "full", "empty"), s_screen = new("screen", "whole", "cracked"), s_tank = new("tank", "full", "dry"),
        s_belt = new("belt", "tight", "loose"), s_tyre = new("tyre", "firm", "flat"), s_chain = new("chain", "tight", "loose"), s_brake = new("brake", "free", "stuck"),
        s_wheel = new("wheel", "round", "bent"), s_valve = new("valve", "open", "shut"), s_pipe = new("pipe", "clear", "blocked"), s_filter = new("filter", "clean", "dirty");

    /// <summary>Devices and the parts that one looks at.</summary>
    public static IReadOnlyList<(string Device, IReadOnlyList<DevicePart> Parts)> All { get; } =
    [
        ("lamp", [s_plug, s_switch, s_bulb, s_fuse]),
        ("phone", [s_battery, s_cable, s_screen, s_switch]),
        ("car", [s_tank, s_battery, s_belt, s_brake]),
        ("bike", [s_tyre, s_chain, s_brake, s_wheel]),
        ("pump", [s_valve, s_pipe, s_filter, s_switch]),
        ("radio", [s_plug, s_battery, s_switch, s_fuse]),
        ("heater", [s_plug, s_valve, s_fuse, s_filter]),
        ("mower", [s_tank, s_belt, s_filter, s_wheel]),
        ("oven", [s_plug, s_fuse, s_switch, s_cable]),
        ("engine", [s_tank, s_pipe, s_belt, s_filter]),
    ];
}

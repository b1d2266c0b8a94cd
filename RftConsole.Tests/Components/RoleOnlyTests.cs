using System.Security.Claims;

using Bunit;

using Microsoft.AspNetCore.Components.Authorization;

using RftConsole.Web.Components.Controls;
using RftConsole.Web.Security;

namespace RftConsole.Tests.Components;

/// <summary>What a role may not do is not offered to it.</summary>
public sealed class RoleOnlyTests : PageContext
{
    [Theory]
    [InlineData(ConsoleRoles.Viewer, ConsoleRole.Builder, false)]
    [InlineData(ConsoleRoles.Builder, ConsoleRole.Builder, true)]
    [InlineData(ConsoleRoles.Administrator, ConsoleRole.Builder, true)]
    [InlineData(ConsoleRoles.Builder, ConsoleRole.Administrator, false)]
    [InlineData(ConsoleRoles.Administrator, ConsoleRole.Administrator, true)]
    [InlineData("", ConsoleRole.Builder, false)]
    public void Whoever_has_less_than_the_role_meets_the_reason(string role, ConsoleRole needed, bool allowed)
    {
        IRenderedComponent<RoleOnly> shown = Render<RoleOnly>(parameters => parameters
            .Add(one => one.Role, needed)
            .Add(one => one.Reason, "why not")
            .Add(one => one.Session, Task.FromResult(Session(role)))
            .AddChildContent("<button>Do it</button>"));

        Assert.Equal(allowed, shown.FindAll("button").Count == 1);
        Assert.Equal(!allowed, shown.Markup.Contains("why not", StringComparison.Ordinal));
    }

    [Fact]
    public void Until_it_is_known_who_looks_nothing_is_offered()
    {
        TaskCompletionSource<AuthenticationState> asked = new();
        IRenderedComponent<RoleOnly> shown = Render<RoleOnly>(parameters => parameters.Add(one => one.Session, asked.Task).AddChildContent("<button>Do it</button>"));
        Assert.Empty(shown.FindAll("button"));

        asked.SetResult(Session(ConsoleRoles.Builder));

        shown.WaitForAssertion(() => Assert.Single(shown.FindAll("button")));
    }

    private static AuthenticationState Session(string role) => new(new ClaimsPrincipal(new ClaimsIdentity([new(ClaimTypes.Role, role)], "test")));
}

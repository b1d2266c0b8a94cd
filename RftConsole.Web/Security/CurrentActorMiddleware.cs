using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server.Circuits;

namespace RftConsole.Web.Security;

/// <summary>Enters the actor of a request.</summary>
internal sealed class CurrentActorMiddleware(RequestDelegate next)
{
    // Asynchronous, so that the actor does not flow out of the request.
    public async Task InvokeAsync(HttpContext context)
    {
        CurrentActor.Enter(Actor.Of(context.User, context.Connection.RemoteIpAddress?.ToString()));
        await next(context);
    }
}

/// <summary>Enters the actor of a circuit for each of its events: their user is the circuit's, as revalidated, not that of the request which opened it.</summary>
internal sealed class CurrentActorCircuitHandler(AuthenticationStateProvider users, CurrentActor current) : CircuitHandler
{
    private string? _address;

    public override Task OnCircuitOpenedAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        // The circuit opens within the request of its connection.
        _address = current.Actor.Address;
        return Task.CompletedTask;
    }

    public override Func<CircuitInboundActivityContext, Task> CreateInboundActivityHandler(Func<CircuitInboundActivityContext, Task> next) => async context =>
    {
        CurrentActor.Enter(Actor.Of((await users.GetAuthenticationStateAsync()).User, _address));
        await next(context);
    };
}

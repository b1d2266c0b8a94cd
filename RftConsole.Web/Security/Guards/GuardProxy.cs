using System.Reflection;

namespace RftConsole.Web.Security.Guards;

/// <summary>Stands in front of a service: every call that is no read goes through the <see cref="ServiceGuard"/>.</summary>
internal class GuardProxy<TService> : DispatchProxy
    where TService : class
{
    private static readonly MethodInfo s_runGeneric = typeof(GuardProxy<TService>).GetMethod(nameof(RunAsync), BindingFlags.Instance | BindingFlags.NonPublic)!;

    private TService _inner = null!;
    private AccessRule _rule = null!;
    private ServiceGuard _guard = null!;

    /// <summary>The service with a guard before it.</summary>
    public static TService Wrap(TService inner, AccessRule rule, ServiceGuard guard)
    {
        TService wrapped = Create<TService, GuardProxy<TService>>();
        GuardProxy<TService> proxy = (GuardProxy<TService>)(object)wrapped;
        (proxy._inner, proxy._rule, proxy._guard) = (inner, rule, guard);
        return wrapped;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        MethodInfo method = targetMethod!;
        if (_rule.KindOf(method) == AccessKind.Read)
        {
            return Call(method, args);
        }

        GuardedCall call = new(method, args ?? []);
        if (method.ReturnType == typeof(Task))
        {
            return _guard.RunAsync(_rule, call, async () =>
            {
                await (Task)Call(method, args)!;
                return (object?)null;
            });
        }

        if (method.ReturnType.IsGenericType && method.ReturnType.GetGenericTypeDefinition() == typeof(Task<>))
        {
            return s_runGeneric.MakeGenericMethod(method.ReturnType.GenericTypeArguments).Invoke(this, BindingFlags.DoNotWrapExceptions, null, [call, args], null);
        }

        _guard.Require(_rule);
        return Call(method, args);
    }

    private Task<T> RunAsync<T>(GuardedCall call, object?[]? args) => _guard.RunAsync(_rule, call, () => (Task<T>)Call(call.Method, args)!);

    private object? Call(MethodInfo method, object?[]? args) => method.Invoke(_inner, BindingFlags.DoNotWrapExceptions, null, args, null);
}

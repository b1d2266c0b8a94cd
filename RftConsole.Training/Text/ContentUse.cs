using System.Text.Json;

namespace RftConsole.Training.Text;

/// <summary>
/// Decides from a chat template's syntax whether the text of the turns only ever goes into the output: as it is, or trimmed. Such a
/// template makes of a conversation what it makes of the same conversation with other texts, put in their place.
/// </summary>
/// <remarks>
/// It follows what each name may hold, whatever order the statements run in. What it does not know for certain counts as looking into
/// the text: branches on content, filters other than <c>trim</c>, macros, method calls, whole turns given away, and the date of today.
/// The nodes are those of <c>@huggingface/jinja</c>'s parser.
/// </remarks>
internal sealed class ContentUse
{
    /// <summary>Parts of a turn that hold nothing of its text; others could be methods that do (<c>items</c>, <c>values</c>).</summary>
    private static readonly HashSet<string> s_harmless = ["role", "tool_calls", "tool_call_id", "name", "reasoning_content"];

    /// <summary>Tests that ask what kind of value something is, and not which.</summary>
    private static readonly HashSet<string> s_kindTests = ["defined", "undefined", "none", "string", "mapping"];

    private readonly Dictionary<string, Holds> _names = new() { ["messages"] = Holds.Turns };
    private bool _changed;

    private ContentUse()
    {
    }

    /// <summary>What an expression's value holds of the turns.</summary>
    private enum Holds
    {
        Nothing,
        Turns,
        Turn,
        Content,
        TextWithContent,
    }

    /// <summary>Whether the template only writes the content of turns, and never looks into it.</summary>
    /// <param name="program">The template's syntax tree.</param>
    public static bool IsOnlyWritten(JsonElement program)
    {
        var use = new ContentUse();
        try
        {
            // Each pass can only add to what the names may hold, so that this ends.
            do
            {
                use._changed = false;
                use.Block(program, "body");
            }
            while (use._changed);
            return true;
        }
        catch (LooksInsideException)
        {
            return false;
        }
    }

    private static string? TypeOf(JsonElement node) => Text(node, "type");

    private static string? Text(JsonElement node, string key) =>
        node.ValueKind == JsonValueKind.Object && node.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private void Block(JsonElement node, string key)
    {
        if (node.TryGetProperty(key, out var body) && body.ValueKind == JsonValueKind.Array)
        {
            foreach (var statement in body.EnumerateArray())
            {
                Statement(statement);
            }
        }
    }

    private void Statement(JsonElement node)
    {
        switch (TypeOf(node))
        {
            case "If":
                Clean(node, "test");
                Block(node, "body");
                Block(node, "alternate");
                break;
            case "For":
                Bind(node.GetProperty("loopvar"), Of(node.GetProperty("iterable")) switch
                {
                    Holds.Nothing => Holds.Nothing,
                    Holds.Turns => Holds.Turn,
                    _ => throw new LooksInsideException(),
                });
                Block(node, "body");
                Block(node, "defaultBlock");
                break;
            case "Set" when node.TryGetProperty("value", out var value) && value.ValueKind == JsonValueKind.Object:
                Bind(node.GetProperty("assignee"), Of(value));
                break;
            case "Comment" or "Break" or "Continue":
                break;
            default:
                if (Of(node) is Holds.Turns or Holds.Turn)
                {
                    throw new LooksInsideException();
                }

                break;
        }
    }

    private void Bind(JsonElement target, Holds holds)
    {
        switch (TypeOf(target))
        {
            case "Identifier" when Text(target, "value") is { } name and not "loop":
                Bind(name, holds);
                break;
            case "TupleLiteral" when holds == Holds.Nothing:
                foreach (var element in target.GetProperty("value").EnumerateArray())
                {
                    Bind(element, Holds.Nothing);
                }

                break;
            case "MemberExpression" when holds == Holds.Nothing:
                Clean(target, "object");
                break;
            default:
                throw new LooksInsideException();
        }
    }

    private void Bind(string name, Holds holds)
    {
        var before = _names.GetValueOrDefault(name);
        var isText = holds is Holds.Content or Holds.TextWithContent or Holds.Nothing;
        var wasText = before is Holds.Content or Holds.TextWithContent or Holds.Nothing;
        if (holds != before && !(isText && wasText) && _names.ContainsKey(name))
        {
            throw new LooksInsideException();
        }

        if (!_names.TryGetValue(name, out _) || holds > before)
        {
            _names[name] = holds;
            _changed = true;
        }
    }

    private Holds Of(JsonElement node)
    {
        switch (TypeOf(node))
        {
            case "IntegerLiteral" or "FloatLiteral" or "StringLiteral":
                return Holds.Nothing;
            case "Identifier":
                // loop knows the turns before and after; strftime_now is another one tomorrow.
                return Text(node, "value") is { } name and not ("loop" or "strftime_now") ? _names.GetValueOrDefault(name) : throw new LooksInsideException();
            case "MemberExpression":
                return OfMember(node);
            case "BinaryExpression":
                return OfBinary(node);
            case "Ternary":
                Clean(node, "condition");
                return Joined(Of(node.GetProperty("trueExpr")), Of(node.GetProperty("falseExpr")));
            case "FilterExpression":
                return OfFilter(node);
            case "TestExpression" when Text(node.GetProperty("test"), "value") is { } test && s_kindTests.Contains(test):
                Of(node.GetProperty("operand"));
                return Holds.Nothing;
            case "TestExpression":
                return Clean(node, "operand");
            case "UnaryExpression":
                return Clean(node, "argument");
            case "CallExpression":
                return Clean(node, "callee", "args");
            case "KeywordArgumentExpression" or "ArrayLiteral" or "TupleLiteral":
                return Clean(node, "value");
            case "SliceExpression":
                return Clean(node, "start", "stop", "step");
            case "SelectExpression":
                return Clean(node, "lhs", "test");
            default:
                throw new LooksInsideException();
        }
    }

    private Holds OfMember(JsonElement node)
    {
        var (target, property) = (node.GetProperty("object"), node.GetProperty("property"));
        var computed = node.GetProperty("computed").GetBoolean();
        var name = TypeOf(property) == (computed ? "StringLiteral" : "Identifier") ? Text(property, "value") : null;
        if (TypeOf(target) == "Identifier" && Text(target, "value") == "loop")
        {
            return name is null or "previtem" or "nextitem" ? throw new LooksInsideException() : Holds.Nothing;
        }

        var of = Of(target);
        if (computed)
        {
            Clean(node, "property");
        }

        return of switch
        {
            Holds.Nothing => Holds.Nothing,
            Holds.Turns when name is null => TypeOf(property) == "SliceExpression" ? Holds.Turns : Holds.Turn,
            Holds.Turn when name == "content" => Holds.Content,
            Holds.Turn when name is not null && s_harmless.Contains(name) => Holds.Nothing,
            _ => throw new LooksInsideException(),
        };
    }

    private Holds OfBinary(JsonElement node)
    {
        var (left, right) = (Of(node.GetProperty("left")), Of(node.GetProperty("right")));
        return Text(node.GetProperty("operator"), "value") switch
        {
            "+" or "~" when Joined(left, right) != Holds.Nothing => Holds.TextWithContent,
            "in" or "not in" when (left, right) == (Holds.Nothing, Holds.Turn) => Holds.Nothing,
            _ when (left, right) == (Holds.Nothing, Holds.Nothing) => Holds.Nothing,
            _ => throw new LooksInsideException(),
        };
    }

    private Holds OfFilter(JsonElement node)
    {
        var filter = node.GetProperty("filter");
        return (Of(node.GetProperty("operand")), TypeOf(filter) == "Identifier" ? Text(filter, "value") : null) switch
        {
            (Holds.Content, "trim") => Holds.TextWithContent,
            (Holds.Turns, "length") => Holds.Nothing,
            (Holds.Nothing, _) => Clean(node, "filter"),
            _ => throw new LooksInsideException(),
        };
    }

    /// <summary>What a value may hold that is one or the other, or a text of both.</summary>
    private static Holds Joined(Holds one, Holds other) =>
        one is Holds.Turns or Holds.Turn || other is Holds.Turns or Holds.Turn ? throw new LooksInsideException() : (Holds)Math.Max((int)one, (int)other);

    /// <summary>Nothing of the turns may be in these parts of a node, where they are there.</summary>
    private Holds Clean(JsonElement node, params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
        {
            if (!node.TryGetProperty(key, out var part))
            {
                continue;
            }

            foreach (var expression in part.ValueKind == JsonValueKind.Array ? [.. part.EnumerateArray()] : new[] { part })
            {
                if (Of(expression) != Holds.Nothing)
                {
                    throw new LooksInsideException();
                }
            }
        }

        return Holds.Nothing;
    }

    private sealed class LooksInsideException : Exception;
}

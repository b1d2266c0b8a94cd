using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace RftConsole.Training.Text;

/// <summary>
/// Renderings of a template that only writes the text of the turns (<see cref="ContentUse"/>): one for each shape of conversation,
/// which is everything but the text, with marks where the texts of other conversations of that shape go.
/// </summary>
/// <remarks>Safe on any thread.</remarks>
internal sealed class ConversationShapes
{
    /// <summary>Conversations with more text than this, in or out, are rendered truly, so that a template's limits of time and memory hold for them.</summary>
    private const int LongestText = 1 << 16;

    private const int MostShapes = 256;

    /// <summary>What JavaScript's <c>trim</c> takes away (ECMAScript: WhiteSpace and LineTerminator), which differs from .NET's.</summary>
    private const string WhiteSpace =
        "\t\n\v\f\r \u00A0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200A\u2028\u2029\u202F\u205F\u3000\uFEFF";

    private readonly ConcurrentDictionary<string, Shape> _shapes = new();

    // Unknown to whoever wrote the template or the data. White space stands around a mark, unless the template trims.
    private readonly string _mark = Guid.NewGuid().ToString("N");
    private readonly string _margin = RandomNumberGenerator.GetString(WhiteSpace, 16);

    /// <summary>Whether the texts are short enough to be put into a shape.</summary>
    public static bool Takes(IReadOnlyList<ChatMessage> messages) => messages.Sum(message => (long)message.Content.Length) <= LongestText;

    /// <summary>The same conversation with marks in place of its texts.</summary>
    public ChatMessage[] Marked(IReadOnlyList<ChatMessage> messages) =>
        [.. messages.Select((message, turn) => message.Content.Length == 0 && message.ToolCalls is not null ? message : message with { Content = $"{_margin}{_mark}{turn}.{_margin}" })];

    /// <summary>The conversation as the template renders it; null where it is too long to tell without rendering it truly.</summary>
    /// <param name="shape">The template's variables with marks in place of the texts.</param>
    /// <param name="messages">The turns.</param>
    /// <param name="render">Renders a template's variables.</param>
    public string? Render(string shape, IReadOnlyList<ChatMessage> messages, Func<string, string> render)
    {
        if (shape.Length > LongestText)
        {
            return null;
        }

        if (!_shapes.TryGetValue(shape, out var rendered))
        {
            if (_shapes.Count >= MostShapes)
            {
                _shapes.Clear();
            }

            _shapes[shape] = rendered = Read(render(shape));
        }

        return rendered.LengthWith(messages) <= LongestText ? rendered.With(messages) : null;
    }

    private Shape Read(string rendered)
    {
        var parts = new List<Part>();
        var position = 0;
        int mark;
        while ((mark = rendered.IndexOf(_mark, position, StringComparison.Ordinal)) >= 0)
        {
            var end = rendered.IndexOf('.', mark);
            var turn = int.Parse(rendered.AsSpan((mark + _mark.Length)..end), CultureInfo.InvariantCulture);
            end++;
            var trimmed = !rendered.AsSpan(end).StartsWith(_margin, StringComparison.Ordinal);
            parts.Add(new(rendered[position..(trimmed ? mark : mark - _margin.Length)], turn, trimmed));
            position = trimmed ? end : end + _margin.Length;
        }

        return new(parts, rendered[position..]);
    }

    /// <summary>Text of the template, and the turn whose text follows it.</summary>
    private sealed record Part(string Before, int Turn, bool Trimmed);

    private sealed record Shape(IReadOnlyList<Part> Parts, string End)
    {
        public long LengthWith(IReadOnlyList<ChatMessage> messages) =>
            Parts.Sum(part => (long)part.Before.Length + messages[part.Turn].Content.Length) + End.Length;

        public string With(IReadOnlyList<ChatMessage> messages)
        {
            var text = new StringBuilder();
            foreach (var part in Parts)
            {
                var content = Tokenizer.WellFormed(messages[part.Turn].Content).AsSpan();
                text.Append(part.Before).Append(part.Trimmed ? content.Trim(WhiteSpace) : content);
            }

            return text.Append(End).ToString();
        }
    }
}

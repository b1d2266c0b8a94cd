namespace RftConsole.Training.Text;

/// <summary>One turn of a conversation: <paramref name="Role"/> is <c>system</c>, <c>user</c>, <c>assistant</c> or <c>tool</c>.</summary>
public sealed record ChatMessage(string Role, string Content);
